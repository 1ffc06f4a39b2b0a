import type { Clock } from '../../shared/clock.ts';
import type { Launch } from '../dispatch.ts';
import type { LogLine, StepScheduler } from '../loop-ports.ts';
import type { AttemptKey, Observation } from '../observation.ts';
import { isOutage } from '../settle.ts';
import { EARLY_POLL_MS, LOOK_MS, PAUSE_MS, SUBMIT_AT_A_TIME, TEMPORARY_REFUSAL } from './batch-bounds.ts';
import { type GroupedSubmission, groupJobs, submissionId } from './group-jobs.ts';
import type { JobFiles } from './job-files.ts';
import { JobWatch } from './job-watch.ts';
import type { PreparedJob } from './prepare-job.ts';
import type { Scheduler, SubmitAnswer } from './scheduler.ts';
import { SubmissionSearch } from './submission-search.ts';

/** What a batch scheduler's coordinator needs of the world. */
export interface BatchPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly files: JobFiles;
  readonly log: LogLine;
  readonly studyToken: string;
  /** Whether alike jobs may go as one array. */
  readonly arrays: boolean;
  /** Writes an attempt's files; throws what the file system throws. */
  readonly prepare: (launch: Launch) => PreparedJob;
  /** Milliseconds between two polls; may change while the study runs. */
  readonly sleepMs: () => number;
  readonly observed: (observation: Observation) => void;
}

/**
 * Runs steps through a batch scheduler: submits in bulk, polls all jobs at once, looks for what got lost, and
 * bears a scheduler that is down. It decides nothing about steps: what it learns becomes observations.
 *
 * There are two strands, each with one call under way at most: submitting, and looking (searching, polling,
 * cancelling). Neither ever holds up the conductor's turns.
 */
export class BatchScheduler implements StepScheduler {
  private readonly ports: BatchPorts;
  private readonly search: SubmissionSearch;
  private readonly watch: JobWatch;
  private queue: GroupedSubmission[] = [];
  private isSubmitting = false;
  private isLooking = false;
  private isClosed = false;
  /** What the disk said when it refused last. */
  private diskTrouble = '';
  private pause: number = PAUSE_MS.first;
  /** By the clock that nobody sets. */
  private lastLook = Number.NEGATIVE_INFINITY;
  private takeBackLook: () => void = () => undefined;

  constructor(ports: BatchPorts) {
    this.ports = ports;
    this.watch = new JobWatch(ports);
    this.search = new SubmissionSearch(ports, (key, job) => this.accepted(key, job));
  }

  /** Takes over attempts that an earlier conductor has submitted, or was about to. */
  adopt(attempts: readonly (AttemptKey & { readonly token: string; readonly job: string | null })[]): void {
    const unanswered = new Map<string, AttemptKey>();
    for (const { step, number, token, job } of attempts) {
      if (job === null) unanswered.set(token, { step, number });
      else this.watch.add({ step, number }, token, job);
    }
    this.search.adopt(unanswered);
    if (attempts.length > 0) this.lookIn(0);
  }

  launch(launches: readonly Launch[]): void {
    const jobs: PreparedJob[] = [];
    for (const launch of launches) {
      const { step, number } = launch.flight;
      try {
        jobs.push(this.ports.prepare(launch));
      } catch (error) {
        this.unstartable({ step, number }, error);
      }
    }
    if (jobs.length > 0) void this.enqueue(jobs);
  }

  cancel(attempts: readonly AttemptKey[]): void {
    const waiting = new Set(attempts.map(({ step }) => step));
    this.dropQueued((job) => waiting.has(job.key.step), 'cancelled before it was submitted');
    for (const key of attempts) this.watch.cancel(key);
    this.lookIn(0);
  }

  close(): void {
    this.isClosed = true;
    this.takeBackLook();
    this.dropQueued(() => true, 'taken back before it was submitted');
  }

  /** Something has changed among the job files: a job began or ended. */
  nudge(): void {
    if (this.watch.size === 0) return;
    this.lookIn(Math.max(0, this.lastLook + EARLY_POLL_MS - this.ports.clock.elapsed()));
  }

  private async enqueue(jobs: readonly PreparedJob[]): Promise<void> {
    const { scheduler, arrays, files, studyToken } = this.ports;
    const limit = arrays ? await scheduler.arrayLimit() : 1;
    const newId = (): string => submissionId(studyToken);
    const submissions = groupJobs(jobs, { limit, records: files.directory, newId });
    this.queue.push(...submissions);
    if (this.isClosed) this.dropQueued(() => true, 'taken back before it was submitted');
    await this.submit();
  }

  private async submit(): Promise<void> {
    if (this.isSubmitting) return;
    this.isSubmitting = true;
    while (this.queue.length > 0 && !this.isClosed) {
      const batch = this.queue.splice(0, SUBMIT_AT_A_TIME).filter((grouped) => this.write(grouped));
      const answers = await this.ports.scheduler.submit(batch.map(({ submission }) => submission));
      const deferred = batch.filter((grouped, index) => !this.answered(grouped, answers[index]!));
      if (deferred.length === 0) continue;
      this.queue.unshift(...deferred);
      break;
    }
    this.isSubmitting = false;
    if (this.queue.length > 0 && !this.isClosed)
      this.ports.clock.after(this.nextPause(), () => void this.submit());
    this.lookIn(this.search.size > 0 ? LOOK_MS : this.ports.sleepMs());
  }

  private write({ submission, text, jobs }: GroupedSubmission): boolean {
    try {
      this.ports.files.write(submission.file, text);
      return true;
    } catch (error) {
      for (const { key } of jobs) this.unstartable(key, error);
      return false;
    }
  }

  /** Deals with an answer; false where the submission is to be tried again later. */
  private answered(grouped: GroupedSubmission, answer: SubmitAnswer): boolean {
    const { jobs, submission } = grouped;
    switch (answer.kind) {
      case 'accepted':
        this.pause = PAUSE_MS.first;
        for (const [index, { key }] of jobs.entries()) this.accepted(key, answer.jobs[index]!);
        return true;
      case 'unanswered':
        this.ports.log.warn(`no answer to submission ${submission.id}: ${answer.words}; looking for it`);
        this.search.add(
          submission,
          jobs.map(({ key }) => key),
        );
        return true;
      case 'rejected':
        return this.rejected(grouped, answer.words);
    }
  }

  private rejected({ jobs }: GroupedSubmission, words: string): boolean {
    if (TEMPORARY_REFUSAL.test(words)) {
      this.ports.log.info(`the scheduler takes no more for now (${words}); trying again`);
      return false;
    }
    const at = this.ports.clock.now();
    if (jobs.length === 1) {
      this.ports.observed({ kind: 'rejected', ...jobs[0]!.key, at, words });
      return true;
    }
    // An array is refused as a whole: alone, each member gets the answer that it deserves.
    this.ports.log.warn(
      `an array of ${jobs.length} steps was refused (${words}); submitting them one by one`,
    );
    const { files, studyToken } = this.ports;
    const newId = (): string => submissionId(studyToken);
    this.queue.push(
      ...jobs.flatMap((job) => groupJobs([job], { limit: 1, records: files.directory, newId })),
    );
    return true;
  }

  private accepted(key: AttemptKey, job: string): void {
    const { clock, observed } = this.ports;
    this.watch.add(key, undefined, job);
    observed({ kind: 'accepted', ...key, at: clock.now(), job });
  }

  private unstartable(key: AttemptKey, error: unknown): void {
    const errno = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    this.ports.observed({ kind: 'unstartable', ...key, at: this.ports.clock.now(), errno, stage: 'script' });
  }

  private dropQueued(isMeant: (job: PreparedJob) => boolean, evidence: string): void {
    const at = this.ports.clock.now();
    const kept: PreparedJob[] = [];
    for (const { jobs } of this.queue) {
      for (const job of jobs) {
        if (isMeant(job)) this.ports.observed({ kind: 'dropped', ...job.key, at, evidence });
        else kept.push(job);
      }
    }
    this.queue = [];
    if (kept.length > 0) void this.enqueue(kept);
  }

  /** Claims and records that a disk hides for a while: the next look may see them. Throws any other error. */
  private hearDisk(error: NodeJS.ErrnoException): void {
    if (!isOutage(error.code ?? '')) throw error;
    if (error.message !== this.diskTrouble)
      this.ports.log.error(`the files of the jobs cannot be used: ${error.message}; looking again`);
    this.diskTrouble = error.message;
  }

  private nextPause(): number {
    const pause = this.pause;
    this.pause = Math.min(this.pause * 2, PAUSE_MS.longest);
    return pause;
  }

  private lookIn(ms: number): void {
    this.takeBackLook();
    if (this.isClosed) return;
    this.takeBackLook = this.ports.clock.after(ms, () => void this.look());
  }

  /** Searches, cancels and polls, one after the other, and says when to look again. */
  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    this.lastLook = this.ports.clock.elapsed();
    try {
      await this.search.look();
      await this.watch.look();
      this.diskTrouble = '';
    } catch (error) {
      this.hearDisk(error as NodeJS.ErrnoException);
    }
    this.isLooking = false;
    if (this.search.size + this.watch.size === 0) return;
    const isUrgent = this.search.size > 0 || this.watch.isUrgent;
    this.lookIn(isUrgent ? Math.min(LOOK_MS, this.ports.sleepMs()) : this.ports.sleepMs());
  }
}
