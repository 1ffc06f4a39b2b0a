import { membersOf } from '../../src/conductor/schedulers/job-script.ts';
import type {
  Answer,
  JobReport,
  Submission,
  SubmitAnswer,
} from '../../src/conductor/schedulers/scheduler.ts';
import { type Dice, diceOf } from './dice.ts';
import type { SubmissionFault } from './scenario.ts';
import type { Run } from './truth.ts';
import type { SimulatedWorld } from './world.ts';

interface Job {
  readonly id: string;
  readonly submission: string;
  readonly token: string;
  readonly records: string;
  readonly walltimeMs: number;
  phase: 'waiting' | 'running' | 'over';
  startedAt: number;
  report: JobReport;
  /** What was told of it last. */
  told: JobReport;
  run: Run | undefined;
  /** When it ended. */
  overAt: number;
}

/** The name that compute nodes write files under. */
const NODE = 'node';
const SUBMIT_LIMIT_MS = 30_000;
const GRACE_MS = 3_000;

const WAITING: JobReport = { kind: 'waiting', state: 'QUEUED', words: 'Priority' };

/** A batch scheduler and its compute nodes. Jobs run the job script: claim, step, exit record. */
export class Cluster {
  private readonly world: SimulatedWorld;
  private readonly dice: Dice;
  private jobs = new Map<string, Job>();
  private submissions = new Map<string, string[]>();
  private downUntil = 0;
  private lastId = 0;
  private submitted = 0;

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.dice = diceOf(world.scenario.seed, 3);
  }

  submit(submissions: readonly Submission[], answer: (answers: readonly SubmitAnswer[]) => void): void {
    const answers: SubmitAnswer[] = [];
    let delay = 0;
    for (const [index, submission] of submissions.entries()) {
      const { isSilent } = this.fateOf(this.submitted);
      delay += isSilent || this.isDown ? SUBMIT_LIMIT_MS : this.dice.spread(20, 3_000);
      this.handOver(submission, this.submitted++, delay, (each) => {
        answers[index] = each;
        if (index === submissions.length - 1) answer(answers);
      });
    }
    if (submissions.length === 0) answer([]);
  }

  poll(jobs: readonly string[], answer: (answer: Answer<ReadonlyMap<string, JobReport>>) => void): void {
    this.ask(() => {
      const told: [string, JobReport][] = [];
      for (const id of jobs) {
        const job = this.jobs.get(id);
        if (job === undefined || this.hasForgotten(job)) continue;
        const { noise } = this.world.scenario.cluster;
        if (this.dice.chance(noise) && this.world.isInTrouble) continue;
        if (!(this.dice.chance(noise) && this.world.isInTrouble)) job.told = job.report;
        told.push([id, job.told]);
      }
      if (this.dice.chance(0.3)) told.reverse();
      return new Map(told);
    }, answer);
  }

  cancel(jobs: readonly string[], answer: (answer: Answer<void>) => void): void {
    this.ask(() => {
      for (const id of jobs) {
        const job = this.jobs.get(id);
        if (job?.phase === 'waiting') this.over(job, 'CANCELLED', 'cancelled while it waited');
        else if (job?.phase === 'running')
          this.world.timeline.after(GRACE_MS, () => this.cut(job, 'CANCELLED', 'cancelled'));
      }
    }, answer);
  }

  find(
    submissions: readonly Pick<Submission, 'id'>[],
    answer: (answer: Answer<ReadonlyMap<string, readonly string[]>>) => void,
  ): void {
    this.ask(() => {
      const found = new Map<string, readonly string[]>();
      for (const { id } of submissions) {
        const jobs = this.submissions.get(id);
        if (jobs === undefined || this.hasForgotten(this.jobs.get(jobs[0]!)!)) continue;
        if (this.dice.chance(this.world.scenario.cluster.noise) && this.world.isInTrouble) continue;
        found.set(id, jobs);
      }
      return found;
    }, answer);
  }

  goDown(ms: number): void {
    this.downUntil = Math.max(this.downUntil, this.world.timeline.now + ms);
  }

  /** Everything is forgotten, and ids are given out anew. */
  restart(ms: number, jobsLive: boolean): void {
    this.goDown(ms);
    const orphaned = [...this.jobs.values()];
    this.jobs = new Map();
    this.submissions = new Map();
    this.lastId = 0;
    for (const job of orphaned) {
      if (job.phase === 'waiting') job.phase = 'over';
      else if (!jobsLive) this.cut(job, 'HWFAILURE', 'the scheduler knows it no more');
    }
  }

  failNode(): void {
    const running = [...this.jobs.values()].filter(({ phase }) => phase === 'running');
    if (running.length === 0) return;
    const job = this.dice.pick(running);
    if (!this.world.scenario.cluster.requeues) {
      this.cut(job, 'HWFAILURE', 'node failure');
      return;
    }
    this.endRun(job, { signal: 9 }, 'machine');
    this.queue(job);
  }

  /** Whether it has this job in its queue, running. */
  knows(id: string): boolean {
    return this.jobs.get(id)?.phase === 'running';
  }

  /** Whether it did not answer at some time since then. */
  wasDown(since: number): boolean {
    return this.downUntil >= since;
  }

  private get isDown(): boolean {
    return this.world.timeline.now < this.downUntil;
  }

  private fateOf(n: number): { fate: SubmissionFault['fate'] | undefined; isSilent: boolean } {
    const fate = this.world.submissionFates.get(n);
    return { fate, isSilent: fate === 'unanswered' || fate === 'swallowed' || fate === 'late' };
  }

  private handOver(
    submission: Submission,
    n: number,
    delay: number,
    answer: (answer: SubmitAnswer) => void,
  ): void {
    const { timeline } = this.world;
    const { fate } = this.fateOf(n);
    const silent: SubmitAnswer = { kind: 'unanswered', words: 'timed out' };
    this.world.trace(
      () =>
        `submission ${n} of ${submission.members.length} comes in${fate === undefined ? '' : `, ${fate}`}`,
    );
    if (this.isDown || fate === 'swallowed') {
      timeline.after(delay, () => answer(silent));
      return;
    }
    if (fate === 'unanswered' || fate === 'late') {
      timeline.after(fate === 'late' ? delay + this.dice.spread(0, 300_000) : 1_000, () =>
        this.enter(submission),
      );
      timeline.after(delay, () => answer(silent));
      return;
    }
    timeline.after(delay, () => {
      if (fate === 'refused')
        answer({ kind: 'rejected', words: 'Requested node configuration is not available' });
      else if (fate === 'refused for now') answer({ kind: 'rejected', words: 'QOSMaxSubmitJobPerUserLimit' });
      else {
        const jobs = this.enter(submission);
        const again = fate === 'twice' ? this.enter(submission) : jobs;
        answer({ kind: 'accepted', jobs: this.dice.chance(0.5) ? jobs : again });
      }
    });
  }

  private enter({ id, file, members, allocation }: Submission): string[] {
    const base = String(++this.lastId);
    const text = this.world.disk.read(file, NODE);
    const tokens = membersOf(text);
    if (tokens.length !== members.length) this.world.violate(`the job script ${id} is not whole`);
    const ids = tokens.map((token, index) => {
      const job: Job = {
        id: tokens.length === 1 ? base : `${base}_${index}`,
        submission: id,
        token,
        records: file.slice(0, file.lastIndexOf('/')),
        walltimeMs: (allocation.walltimeSeconds ?? 0) * 1000,
        phase: 'waiting',
        startedAt: 0,
        report: WAITING,
        told: WAITING,
        run: undefined,
        overAt: 0,
      };
      this.jobs.set(job.id, job);
      this.queue(job);
      return job.id;
    });
    if (!this.submissions.has(id)) this.submissions.set(id, ids);
    return ids;
  }

  private queue(job: Job): void {
    job.phase = 'waiting';
    job.report = WAITING;
    this.world.timeline.after(this.dice.spread(100, 60_000), () => {
      if (job.phase === 'waiting' && !this.isDown) this.begin(job);
      else if (job.phase === 'waiting') this.queue(job);
    });
  }

  private begin(job: Job): void {
    const { world } = this;
    job.phase = 'running';
    job.startedAt = world.timeline.now;
    job.report = { kind: 'running', state: 'RUNNING', startedAt: job.startedAt, words: 'RUNNING' };
    const claimed = this.claim(job);
    world.trace(() => `job ${job.id} begins ${job.token}: ${claimed}`);
    if (claimed !== 'mine') {
      this.over(
        job,
        claimed === 'unwritable' ? 'FAILED' : 'FINISHED',
        'COMPLETED',
        claimed === 'unwritable' ? 75 : 0,
      );
      return;
    }
    const { step, number } = world.truth.keyOf(job.token);
    const behaviour = world.behaviourOf(step, number);
    const run = world.truth.start(job.token, { job: job.id });
    job.run = run;
    const cut = job.walltimeMs > 0 && behaviour.runsMs > job.walltimeMs;
    world.timeline.after(cut ? job.walltimeMs : behaviour.runsMs, () => {
      if (job.run !== run || run.end !== undefined) return;
      if (cut) this.cut(job, 'TIMEDOUT', 'TIMEOUT');
      else this.finish(job, 'code' in behaviour.exit ? behaviour.exit.code : 128 + behaviour.exit.signal);
    });
  }

  /** As the job script does it: the first to make the file has the attempt. */
  private claim({ id, token, records }: Job): 'mine' | 'given up' | 'unwritable' {
    const { disk } = this.world;
    const claim = `${records}/${token}.claim`;
    if (disk.exists(claim)) return disk.read(claim, NODE).trim() === id ? 'mine' : 'given up';
    const trouble = this.world.troubleFor('files');
    // A full disk has room for the name of the claim, and the job that cannot write its id there stands back.
    if (trouble?.code === 'ENOSPC') disk.write(claim, '', NODE);
    if (trouble !== undefined) return trouble.code === 'ENOSPC' ? 'given up' : 'unwritable';
    disk.write(claim, `${id}\n`, NODE, { isNew: true, isDurable: true });
    return 'mine';
  }

  private finish(job: Job, code: number): void {
    const { disk, timeline } = this.world;
    const seconds = (ms: number): number => Math.floor(ms / 1000);
    if (this.world.troubleFor('files') === undefined) {
      const exit = `${job.records}/${job.token}.exit`;
      disk.write(`${exit}.new`, `${code} ${seconds(job.startedAt)} ${seconds(timeline.now)}\n`, NODE, {
        isDurable: true,
      });
      disk.rename(`${exit}.new`, exit);
      if (job.run !== undefined) this.world.truth.becomesKnown(job.run);
    }
    this.endRun(job, { code }, 'itself');
    this.over(job, code === 0 ? 'FINISHED' : 'FAILED', code === 0 ? 'COMPLETED' : 'FAILED', code);
  }

  /** The scheduler ends a job that runs. */
  private cut(job: Job, outcome: 'TIMEDOUT' | 'CANCELLED' | 'HWFAILURE', words: string): void {
    if (job.phase !== 'running') return;
    this.endRun(job, { signal: 15 }, outcome === 'HWFAILURE' ? 'machine' : 'told');
    this.over(job, outcome, words);
  }

  private endRun(
    job: Job,
    exit: { code: number } | { signal: number },
    by: 'itself' | 'told' | 'machine',
  ): void {
    if (job.run !== undefined && job.run.end === undefined) this.world.truth.end(job.run, exit, by);
    job.run = undefined;
  }

  private over(
    job: Job,
    outcome: 'FINISHED' | 'FAILED' | 'TIMEDOUT' | 'HWFAILURE' | 'CANCELLED',
    words: string,
    code?: number,
  ): void {
    const { now } = this.world.timeline;
    job.phase = 'over';
    job.overAt = now;
    job.report = {
      kind: 'ended',
      outcome,
      words,
      endedAt: now,
      ...(job.startedAt > 0 ? { startedAt: job.startedAt } : {}),
      ...(code === undefined ? {} : { exit: { code } }),
    };
    this.world.trace(() => `job ${job.id} of ${job.token} is over: ${outcome}`);
  }

  private hasForgotten(job: Job): boolean {
    return job.phase === 'over' && this.world.timeline.now > job.overAt + this.world.scenario.cluster.memory;
  }

  /** Answers a question with what is so when it comes in; the answer takes its time. */
  private ask<Value>(value: () => Value, answer: (answer: Answer<Value>) => void): void {
    const isDown = this.isDown;
    const told: Answer<Value> = isDown
      ? { kind: 'down', words: 'connection refused' }
      : { kind: 'answered', value: value() };
    this.world.timeline.after(isDown ? 1_000 : this.dice.spread(20, 2_000), () => answer(told));
  }
}
