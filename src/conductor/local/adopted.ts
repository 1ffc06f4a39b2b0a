import { dirname } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Files } from '../../shared/files.ts';
import { ENDING_POLL_MS, ORPHAN_POLL_MS } from '../bounds.ts';
import type { AttemptKey, Observation } from '../observation.ts';
import { readRecords } from '../runner/records-file.ts';
import { isOutage } from '../settle.ts';
import { observationOf } from './record-observation.ts';
import type { OpenAttempt, Orphan } from './recover.ts';

/** Attempts that an earlier conductor started and that still run. */
export interface Adopted {
  /** How many of this host's cores those of them have that have not ended. */
  readonly cores: number;
  /** Calls back when one of them may have ended. */
  onEnded(callback: () => void): void;
  /** Ends an adopted attempt's process group; answers whether it is one of these. */
  cancel(key: AttemptKey): boolean;
  /** Stops watching; the attempts go on. */
  close(): void;
}

/** A records file to follow from where recovery stopped reading, and the runner that writes it. */
export interface FollowedFile {
  readonly file: string;
  readonly offset: number;
  readonly epoch: number;
  readonly host: string;
  readonly isAlive: () => boolean;
}

/** What is needed of the world to look after steps that an earlier runner started. */
export interface AdoptedPorts {
  readonly clock: Clock;
  readonly files: Files;
  readonly host: string;
  readonly studyToken: string;
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs: number;
  readonly observed: (observation: Observation) => void;
  /** Sends a signal to a process group, or only looks for it; false where it has gone. */
  readonly signalGroup: (pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'look') => boolean;
  /** Whether a process still carries the attempt's token: a process id alone may be somebody else's by now. */
  readonly isRunning: (pid: number, key: AttemptKey) => boolean;
  readonly coresOf: (step: number) => number;
  /** Milliseconds; 0: no limit. */
  readonly walltimeOf: (attempt: OpenAttempt) => number;
  /** Attempts are left that nobody will tell about: they need to be judged anew. */
  readonly runnerDied: (how: string) => void;
}

/** An attempt that is being ended from here. It is over when its whole process group is, as under a runner. */
interface Ending {
  readonly attempt: OpenAttempt;
  /** Of the process group. */
  readonly pid: number;
  readonly reason: 'walltime' | 'cancelled';
  /** When the grace is over, by the clock that nobody sets. */
  readonly killAt: number;
}

/**
 * Watches over adopted attempts: the records of runners that still live, and the process table for orphans.
 * Looks now and then besides being told, since a runner may write from another host.
 */
export function adopt(
  followed: readonly OpenAttempt[],
  orphans: readonly Orphan[],
  files: readonly FollowedFile[],
  ports: AdoptedPorts,
): Adopted {
  return new Adoption(followed, orphans, files, ports);
}

class Adoption implements Adopted {
  private readonly ports: AdoptedPorts;
  private readonly adoptedAt: { readonly now: number; readonly elapsed: number };
  private readonly attempts = new Map<number, OpenAttempt>();
  private readonly pids = new Map<number, number>();
  /** Steps whose attempts have lost their runner. */
  private readonly orphans = new Set<number>();
  private readonly endings = new Map<number, Ending>();
  private readonly files: readonly FollowedFile[];
  private readonly offsets: Map<string, number>;
  private ended: () => void = () => undefined;
  private isClosed = false;
  private stopWatching: () => void = () => undefined;
  private stopTimer: () => void = () => undefined;

  constructor(
    followed: readonly OpenAttempt[],
    orphans: readonly Orphan[],
    files: readonly FollowedFile[],
    ports: AdoptedPorts,
  ) {
    this.ports = ports;
    this.adoptedAt = { now: ports.clock.now(), elapsed: ports.clock.elapsed() };
    this.files = files;
    this.offsets = new Map(files.map(({ file, offset }) => [file, offset]));
    for (const attempt of followed) {
      this.attempts.set(attempt.step, attempt);
      if (attempt.job !== null) this.pids.set(attempt.step, Number(attempt.job));
    }
    for (const { attempt, pid } of orphans) {
      this.attempts.set(attempt.step, attempt);
      this.pids.set(attempt.step, attempt.job === null ? pid : Number(attempt.job));
      this.orphans.add(attempt.step);
    }
    if (this.attempts.size === 0) return;
    const [first] = files;
    if (first !== undefined) {
      this.stopWatching = ports.files.watch(dirname(first.file), () => void this.canReadFiles());
    }
    this.stopTimer = ports.clock.after(0, () => this.look());
  }

  get cores(): number {
    const { coresOf, host: here } = this.ports;
    return [...this.attempts.values()].reduce(
      (sum, { step, host }) => (host === here ? sum + coresOf(step) : sum),
      0,
    );
  }

  onEnded(callback: () => void): void {
    this.ended = callback;
  }

  cancel({ step, number }: AttemptKey): boolean {
    const attempt = this.attempts.get(step);
    if (attempt?.number !== number) return false;
    if (attempt.host === this.ports.host) this.end(attempt, 'cancelled');
    else this.giveUp(attempt, `it runs on host ${attempt.host} and cannot be ended from here`);
    return true;
  }

  close(): void {
    this.isClosed = true;
    this.stopWatching();
    this.stopTimer();
  }

  private look(): void {
    // Who is dead before the reading has written its last record before it.
    const dead = this.files.filter(({ isAlive }) => !isAlive());
    if (!this.canReadFiles()) {
      this.lookAgain();
      return;
    }
    if (this.hasUntold(dead)) {
      this.close();
      this.ports.runnerDied('an earlier one was killed');
      return;
    }
    for (const step of this.orphans) this.lookFor(this.attempts.get(step)!);
    for (const ending of this.endings.values()) this.pursue(ending);
    if (this.attempts.size === 0) this.close();
    else this.lookAgain();
  }

  private lookAgain(): void {
    const pause = this.endings.size > 0 ? ENDING_POLL_MS : ORPHAN_POLL_MS;
    this.stopTimer();
    if (!this.isClosed) this.stopTimer = this.ports.clock.after(pause, () => this.look());
  }

  /** Whether an attempt is followed here of which all runners are dead. */
  private hasUntold(dead: readonly FollowedFile[]): boolean {
    const isOf =
      ({ epoch, host }: OpenAttempt) =>
      (file: FollowedFile) =>
        file.epoch === epoch && file.host === host;
    return [...this.attempts.values()].some(
      (attempt) =>
        attempt.host === this.ports.host &&
        !this.orphans.has(attempt.step) &&
        !this.endings.has(attempt.step) &&
        dead.filter(isOf(attempt)).length === this.files.filter(isOf(attempt)).length,
    );
  }

  /** Reads what is new in the files; false where the disk does not let them be read for now. */
  private canReadFiles(): boolean {
    try {
      this.readFiles();
      return true;
    } catch (error) {
      if (!isOutage((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return false;
    }
  }

  private readFiles(): void {
    for (const [file, from] of this.offsets) {
      const { records, offset } = readRecords(file, from, this.ports.files);
      this.offsets.set(file, offset);
      for (const record of records) {
        const observation = observationOf(record, this.ports.studyToken);
        if (observation !== undefined) this.observe(observation);
      }
    }
  }

  private observe(observation: Observation): void {
    const { step } = observation;
    const attempt = this.attempts.get(step);
    if (attempt?.number !== observation.number) return;
    if (observation.kind === 'started') this.pids.set(step, Number(observation.job));
    // The runner tells of the first process. The others that are being ended may take their time.
    else if (observation.kind === 'ended' && this.endings.has(step)) return;
    else this.forget(step);
    this.ports.observed(observation);
    this.ended();
  }

  private forget(step: number): void {
    this.attempts.delete(step);
    this.orphans.delete(step);
    this.endings.delete(step);
  }

  /** An orphan has nobody else to keep its walltime, or to tell of its end. */
  private lookFor(attempt: OpenAttempt): void {
    const { step, startedAt, submittedAt } = attempt;
    if (this.endings.has(step)) return;
    if (!this.isRunning(attempt)) {
      this.giveUp(attempt, 'its runner was killed while it ran; it has ended since');
      return;
    }
    const walltime = this.ports.walltimeOf(attempt);
    const elapsed = this.now() - (startedAt ?? submittedAt);
    if (walltime > 0 && elapsed >= walltime) this.end(attempt, 'walltime');
  }

  /** The time as it would be had nobody set the clock since these attempts were adopted. */
  private now(): number {
    const { adoptedAt, ports } = this;
    return adoptedAt.now + ports.clock.elapsed() - adoptedAt.elapsed;
  }

  private end(attempt: OpenAttempt, reason: Ending['reason']): void {
    const { signalGroup, clock, graceMs } = this.ports;
    const { step } = attempt;
    const pid = this.pids.get(step);
    // One that its runner has not started will not be: its queue is dropped when its conductor goes.
    if (this.endings.has(step) || pid === undefined || !this.isRunning(attempt)) return;
    signalGroup(pid, 'SIGTERM');
    this.endings.set(step, { attempt, pid, reason, killAt: clock.elapsed() + graceMs });
    this.lookAgain();
  }

  private pursue({ attempt, pid, reason, killAt }: Ending): void {
    const { signalGroup, clock, observed } = this.ports;
    const isKilled = clock.elapsed() >= killAt;
    if (signalGroup(pid, isKilled ? 'SIGKILL' : 'look')) return;
    const at = clock.now();
    const { step, number } = attempt;
    this.forget(step);
    const usage = { userMs: 0, systemMs: 0, maxRssKib: 0 };
    observed({ kind: 'ended', step, number, at, exit: { signal: isKilled ? 9 : 15 }, usage, reason });
    this.ended();
  }

  private giveUp({ step, number }: OpenAttempt, evidence: string): void {
    this.observe({ kind: 'lost', step, number, at: this.ports.clock.now(), evidence });
  }

  private isRunning(attempt: OpenAttempt): boolean {
    const pid = this.pids.get(attempt.step);
    return pid !== undefined && this.ports.isRunning(pid, attempt);
  }
}
