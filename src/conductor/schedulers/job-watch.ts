import type { Clock } from '../../shared/clock.ts';
import type { LogLine } from '../loop-ports.ts';
import { type AttemptKey, attemptToken, type Observation } from '../observation.ts';
import { MISSING_PATIENCE } from './batch-bounds.ts';
import type { JobFiles } from './job-files.ts';
import type { JobReport, Scheduler } from './scheduler.ts';

type Ended = Extract<JobReport, { readonly kind: 'ended' }>;

/** What a job script calls a job that its scheduler tells no id. */
const NAMELESS = 'unknown';

interface WatchPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly files: JobFiles;
  readonly log: LogLine;
  readonly studyToken: string;
  readonly observed: (observation: Observation) => void;
}

interface WatchedJob {
  readonly key: AttemptKey;
  readonly token: string;
  /** Another than was accepted where that one turns out to be a double. */
  job: string;
  cancelled: boolean;
  /** Since when, by the clock that nobody sets, and in how many looks, nothing has been heard of it that could be believed. */
  missing: { readonly since: number; looks: number } | undefined;
}

/** The jobs that a scheduler has accepted and that have not ended, polled all at once. */
export class JobWatch {
  private readonly ports: WatchPorts;
  /** By their tokens: a scheduler that has lost its state may give an id that it has given before. */
  private readonly jobs = new Map<string, WatchedJob>();
  /** Attempts to be cancelled whose job is not known yet. */
  private readonly doomed = new Set<string>();
  private downSince: number | undefined;

  constructor(ports: WatchPorts) {
    this.ports = ports;
  }

  get size(): number {
    return this.jobs.size;
  }

  /** Whether something is missing or being cancelled: then the next look should come soon. */
  get isUrgent(): boolean {
    for (const { missing, cancelled } of this.jobs.values())
      if (missing !== undefined || cancelled) return true;
    return false;
  }

  add(key: AttemptKey, token: string | undefined, job: string): void {
    const known = token ?? attemptToken(this.ports.studyToken, key);
    this.jobs.set(known, {
      key,
      token: known,
      job,
      cancelled: this.doomed.delete(known),
      missing: undefined,
    });
  }

  cancel(key: AttemptKey): void {
    const token = attemptToken(this.ports.studyToken, key);
    const watched = this.jobs.get(token);
    if (watched === undefined) this.doomed.add(token);
    else watched.cancelled = true;
  }

  /** Cancels what is to be cancelled, then asks for news of all jobs. */
  async look(): Promise<void> {
    if (this.jobs.size === 0) return;
    const { scheduler } = this.ports;
    const cancelled = [...this.jobs.values()].filter((job) => job.cancelled).map(({ job }) => job);
    if (cancelled.length > 0) await scheduler.cancel(cancelled);
    const asked = [...this.jobs.values()];
    const answer = await scheduler.poll([...new Set(asked.map(({ job }) => job))]);
    if (answer.kind === 'down') {
      this.noteDown(answer.words);
      return;
    }
    this.noteUp();
    for (const watched of asked) {
      const report = answer.value.get(watched.job);
      if (report === undefined) this.missed(watched);
      else if (report.kind === 'ended') this.ended(watched, report);
      else this.reported(watched, report);
    }
  }

  private reported(watched: WatchedJob, report: Exclude<JobReport, Ended>): void {
    const startedAt = report.kind === 'running' ? report.startedAt : undefined;
    const { state, words } = report;
    watched.missing = undefined;
    this.ports.observed({
      kind: 'reported',
      ...watched.key,
      at: this.ports.clock.now(),
      state,
      words,
      ...(startedAt === undefined ? {} : { startedAt }),
    });
  }

  /**
   * A scheduler's word about an id is not yet a word about this attempt: an answer that was lost may have made
   * two jobs of it, of which one stands back with exit code 0, and an id may be given again. What the job script
   * has left tells which job has the attempt, and FINISHED is what its own record says.
   */
  private ended(watched: WatchedJob, report: Ended): void {
    const { files } = this.ports;
    const { token, job } = watched;
    const exit = files.exitOf(token);
    if (exit !== undefined) {
      // Why a script failed the scheduler knows better; that it did, and with which code, the script.
      const agreed = exit.code === 0 ? ['FINISHED'] : ['FAILED', 'TIMEDOUT', 'HWFAILURE'];
      if (agreed.includes(report.outcome)) this.concludeAs(watched, report);
      else this.concludedByRecord(watched, `the scheduler calls job ${job} ${report.outcome}`);
      return;
    }
    const owner = files.claimant(token) ?? files.revoke(token);
    if (owner !== undefined && owner !== job && owner !== NAMELESS) {
      // The end of a double is no news: the attempt is with the job that has claimed it.
      watched.job = owner;
      watched.missing = undefined;
    } else if (report.outcome !== 'FINISHED') this.concludeAs(watched, report);
    else if (owner !== undefined) this.missed(watched, `job ${job} is said to have finished`);
    else {
      const evidence = `job ${job} has ended, and had not begun this attempt`;
      this.conclude(watched, { kind: 'dropped', ...watched.key, at: this.ports.clock.now(), evidence });
    }
  }

  private concludeAs(watched: WatchedJob, report: Ended): void {
    const { kind: _kind, endedAt, ...rest } = report;
    const at = endedAt ?? this.ports.clock.now();
    this.conclude(watched, { kind: 'concluded', ...watched.key, at, ...rest });
  }

  /** Ends a job by what its script has recorded, if it has. */
  private concludedByRecord(watched: WatchedJob, doubt: string): boolean {
    const exit = this.ports.files.exitOf(watched.token);
    if (exit === undefined) return false;
    const { code, startedAt, endedAt } = exit;
    this.conclude(watched, {
      kind: 'concluded',
      ...watched.key,
      at: endedAt,
      startedAt,
      outcome: code === 0 ? 'FINISHED' : 'FAILED',
      exit: { code },
      words: `exit code ${code}, by its own record; ${doubt}`,
    });
    return true;
  }

  /** Not in the queue is not gone: accounting lags, and the job's own record may have come already. */
  private missed(watched: WatchedJob, heard?: string): void {
    const { files, clock } = this.ports;
    const { key, token, job } = watched;
    if (this.concludedByRecord(watched, `the scheduler knows job ${job} no more`)) return;
    const now = clock.now();
    const elapsed = clock.elapsed();
    watched.missing ??= { since: elapsed, looks: 0 };
    watched.missing.looks++;
    const { since, looks } = watched.missing;
    // A job that was cancelled before it began may vanish without a trace, and there is nothing to wait for.
    const isGone = watched.cancelled && files.claimant(token) === undefined;
    if (!isGone && (looks < MISSING_PATIENCE.looks || elapsed - since < MISSING_PATIENCE.ms)) return;
    const evidence = heard ?? `neither queue nor accounting knows job ${job} any more`;
    // A job that had not begun is revoked by this, and can be submitted again without fear of its return.
    const owner = files.revoke(token);
    const hadBegun = owner !== undefined;
    if (hadBegun && owner !== job && owner !== NAMELESS) {
      watched.job = owner;
      watched.missing = undefined;
    } else if (watched.cancelled) {
      this.conclude(watched, { kind: 'concluded', ...key, at: now, outcome: 'CANCELLED', words: evidence });
    } else if (hadBegun) {
      const left = 'it had begun, and left no record of its end';
      this.conclude(watched, { kind: 'lost', ...key, at: now, evidence: `${evidence}; ${left}` });
    } else {
      this.conclude(watched, { kind: 'dropped', ...key, at: now, evidence: `${evidence}; it had not begun` });
    }
  }

  private conclude(watched: WatchedJob, observation: Observation): void {
    this.jobs.delete(watched.token);
    this.ports.observed(observation);
  }

  private noteDown(words: string): void {
    if (this.downSince === undefined) this.ports.log.warn(`the scheduler does not answer: ${words}`);
    this.downSince ??= this.ports.clock.elapsed();
    // While nobody answers, nothing can be missing.
    for (const watched of this.jobs.values()) watched.missing = undefined;
  }

  private noteUp(): void {
    if (this.downSince === undefined) return;
    const seconds = Math.round((this.ports.clock.elapsed() - this.downSince) / 1000);
    this.ports.log.info(`the scheduler answers again, after ${seconds} s`);
    this.downSince = undefined;
  }
}
