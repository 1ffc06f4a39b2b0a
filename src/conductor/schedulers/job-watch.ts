import type { Clock } from '../../shared/clock.ts';
import type { LogLine } from '../loop-ports.ts';
import { type AttemptKey, attemptToken, type Observation } from '../observation.ts';
import { MISSING_PATIENCE } from './batch-bounds.ts';
import type { JobFiles } from './job-files.ts';
import type { JobReport, Scheduler } from './scheduler.ts';

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
  readonly job: string;
  cancelled: boolean;
  /** Since when, and in how many looks, the scheduler has not known it. */
  missing: { readonly since: number; looks: number } | undefined;
}

/** The jobs that a scheduler has accepted and that have not ended, polled all at once. */
export class JobWatch {
  private readonly ports: WatchPorts;
  private readonly jobs = new Map<string, WatchedJob>();
  private readonly jobOfStep = new Map<number, string>();
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
    this.jobs.set(job, { key, token: known, job, cancelled: this.doomed.delete(known), missing: undefined });
    this.jobOfStep.set(key.step, job);
  }

  cancel(key: AttemptKey): void {
    const watched = this.jobs.get(this.jobOfStep.get(key.step) ?? '');
    if (watched?.key.number === key.number) watched.cancelled = true;
    else this.doomed.add(attemptToken(this.ports.studyToken, key));
  }

  /** Cancels what is to be cancelled, then asks for news of all jobs. */
  async look(): Promise<void> {
    if (this.jobs.size === 0) return;
    const { scheduler } = this.ports;
    const cancelled = [...this.jobs.values()].filter((job) => job.cancelled).map(({ job }) => job);
    if (cancelled.length > 0) await scheduler.cancel(cancelled);
    const asked = [...this.jobs.keys()];
    const answer = await scheduler.poll(asked);
    if (answer.kind === 'down') {
      this.noteDown(answer.words);
      return;
    }
    this.noteUp();
    for (const job of asked) {
      const watched = this.jobs.get(job);
      const report = answer.value.get(job);
      if (watched === undefined) continue;
      if (report === undefined) this.missed(watched);
      else this.reported(watched, report);
    }
  }

  private reported(watched: WatchedJob, report: JobReport): void {
    const { key } = watched;
    const now = this.ports.clock.now();
    watched.missing = undefined;
    if (report.kind !== 'ended') {
      const startedAt = report.kind === 'running' ? report.startedAt : undefined;
      const { state, words } = report;
      this.ports.observed({
        kind: 'reported',
        ...key,
        at: now,
        state,
        words,
        ...(startedAt === undefined ? {} : { startedAt }),
      });
      return;
    }
    // Schedulers call cancelled what vanished from an array; its own record knows better.
    if (report.outcome === 'CANCELLED' && this.concludedByRecord(watched)) return;
    const { kind: _kind, endedAt, ...rest } = report;
    this.conclude(watched, { kind: 'concluded', ...key, at: endedAt ?? now, ...rest });
  }

  /** Ends a job by what its script has recorded, if it has; `exit 0` is FINISHED whatever the scheduler says. */
  private concludedByRecord(watched: WatchedJob): boolean {
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
      words: `exit code ${code}, by its own record; the scheduler knows job ${watched.job} no more`,
    });
    return true;
  }

  /** Not in the queue is not gone: accounting lags, and the job's own record may have come already. */
  private missed(watched: WatchedJob): void {
    if (this.concludedByRecord(watched)) return;
    const { files, clock } = this.ports;
    const { key, token, job } = watched;
    const now = clock.now();
    watched.missing ??= { since: now, looks: 0 };
    watched.missing.looks++;
    const { since, looks } = watched.missing;
    // A job that was cancelled before it began may vanish without a trace, and there is nothing to wait for.
    const isGone = watched.cancelled && files.claimant(token) === undefined;
    if (!isGone && (looks < MISSING_PATIENCE.looks || now - since < MISSING_PATIENCE.ms)) return;
    const evidence = `neither queue nor accounting knows job ${job} any more`;
    // A job that had not begun is revoked by this, and can be submitted again without fear of its return.
    const hadBegun = files.revoke(token) !== undefined;
    if (watched.cancelled) {
      this.conclude(watched, { kind: 'concluded', ...key, at: now, outcome: 'CANCELLED', words: evidence });
    } else if (hadBegun) {
      const left = 'it had begun, and left no record of its end';
      this.conclude(watched, { kind: 'lost', ...key, at: now, evidence: `${evidence}; ${left}` });
    } else {
      this.conclude(watched, { kind: 'dropped', ...key, at: now, evidence: `${evidence}; it had not begun` });
    }
  }

  private conclude(watched: WatchedJob, observation: Observation): void {
    this.jobs.delete(watched.job);
    if (this.jobOfStep.get(watched.key.step) === watched.job) this.jobOfStep.delete(watched.key.step);
    this.ports.observed(observation);
  }

  private noteDown(words: string): void {
    if (this.downSince === undefined) this.ports.log.warn(`the scheduler does not answer: ${words}`);
    this.downSince ??= this.ports.clock.now();
    // While nobody answers, nothing can be missing.
    for (const watched of this.jobs.values()) watched.missing = undefined;
  }

  private noteUp(): void {
    if (this.downSince === undefined) return;
    const seconds = Math.round((this.ports.clock.now() - this.downSince) / 1000);
    this.ports.log.info(`the scheduler answers again, after ${seconds} s`);
    this.downSince = undefined;
  }
}
