import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  Allocation,
  JobReport,
  Scheduler,
  Submission,
} from '../../../src/conductor/schedulers/scheduler.ts';
import { until } from '../../e2e/until.ts';

/** What the script of a member does. */
export type Behaviour =
  | { readonly kind: 'exits'; readonly code: number }
  /** The step's script ends itself by a signal. */
  | { readonly kind: 'signalled'; readonly signal: number }
  /** The whole job is killed from within, its job script too, so that nothing can be recorded. */
  | { readonly kind: 'killed' }
  /** Leaves what a command prints in a file `printed` in its workspace. */
  | { readonly kind: 'prints'; readonly command: string }
  /** Runs until it is released, and then exits with 0. */
  | { readonly kind: 'stays' };

/** What a submission asks for besides running. */
export interface Wish {
  /** Not to be started before somebody releases it. */
  readonly held?: boolean;
  readonly allocation?: Allocation;
}

/** A scheduler under test, and what may happen to it. */
export interface SchedulerHarness {
  readonly scheduler: Scheduler;
  /** A fresh submission, its files written. */
  submission(behaviours: readonly Behaviour[], wish?: Wish): Submission;
  /** Lets those members go that stay. */
  release(submission: Submission): void;
  /** What this scheduler refuses, and the words in which it does. */
  readonly refusal: { readonly wish: Wish; readonly words: RegExp };
  /** The answer to the next submission is lost on its way, after the scheduler has queued it. */
  loseNextAnswer(): void;
  /** Lets the walltime of a running job run out. */
  expire(job: string): Promise<void>;
  /** The node that runs the jobs fails, and comes back. */
  failNode(): Promise<void>;
  /** The queue forgets the jobs that have ended. */
  forgetEnded(): Promise<void>;
  /** Whether accounting still knows jobs that the queue has forgotten. */
  readonly hasAccounting: boolean;
  /** The scheduler stops answering; its jobs go on. */
  takeDown(): Promise<void>;
  bringUp(): Promise<void>;
  /** Ends all jobs and everything that was started. */
  close(): Promise<void>;
}

const EXITS_0: Behaviour = { kind: 'exits', code: 0 };
const STAYS: Behaviour = { kind: 'stays' };

type Ended = Extract<JobReport, { kind: 'ended' }>;

/** What every batch scheduler must do. `skip` says why it cannot be tried here. */
export function schedulerContract(
  name: string,
  make: () => Promise<SchedulerHarness>,
  skip: string | undefined = undefined,
): void {
  describe(`${name} keeps the contract of schedulers`, { skip: skip ?? false }, () => {
    let harness: SchedulerHarness;
    before(async () => {
      harness = await make();
    });
    after(() => harness?.close());
    const under = (): Contract => new Contract(harness);

    describe('what runs', () => itRunsJobs(under));
    describe('arrays', () => itRunsArrays(under));
    describe('what goes wrong', () => itTellsFailures(under));
    describe('cancelling', () => itCancels(under));
    describe('what gets lost', () => itFindsAgain(under));
  });
}

/** The scheduler with the questions that the tests ask of it. */
class Contract {
  readonly harness: SchedulerHarness;
  readonly scheduler: Scheduler;

  constructor(harness: SchedulerHarness) {
    this.harness = harness;
    this.scheduler = harness.scheduler;
  }

  /** Submits one submission that must be accepted. */
  async submit(behaviours: readonly Behaviour[], wish?: Wish): Promise<[Submission, readonly string[]]> {
    const submission = this.harness.submission(behaviours, wish);
    const [answer] = await this.scheduler.submit([submission]);
    assert.equal(answer?.kind, 'accepted', JSON.stringify(answer));
    assert.equal(answer.jobs.length, behaviours.length);
    return [submission, answer.jobs];
  }

  async poll(jobs: readonly string[]): Promise<ReadonlyMap<string, JobReport>> {
    const answer = await this.scheduler.poll(jobs);
    assert.equal(answer.kind, 'answered', JSON.stringify(answer));
    return answer.value;
  }

  /** Polls until all of these jobs are told to be so; their reports, in order. */
  async untilAll<Report extends JobReport>(
    jobs: readonly string[],
    what: string,
    isSo: (report: JobReport) => report is Report,
  ): Promise<Report[]> {
    let last: ReadonlyMap<string, JobReport> = new Map();
    return until(
      `${jobs.join(', ')} ${what}`,
      async () => {
        last = await this.poll(jobs);
        const reports = jobs
          .map((job) => last.get(job))
          .filter((report) => report !== undefined && isSo(report));
        return reports.length === jobs.length && (reports as Report[]);
      },
      () => JSON.stringify([...last]),
    );
  }

  untilEnded(jobs: readonly string[]): Promise<Ended[]> {
    return this.untilAll(jobs, 'have ended', (report) => report.kind === 'ended');
  }

  untilRunning(jobs: readonly string[]): Promise<JobReport[]> {
    return this.untilAll(jobs, 'run', (report): report is JobReport => {
      return report.kind === 'running' && report.state === 'RUNNING';
    });
  }

  async outcomes(jobs: readonly string[]): Promise<string[]> {
    return (await this.untilEnded(jobs)).map(({ outcome }) => outcome);
  }
}

function itRunsJobs(under: () => Contract): void {
  it('a job runs, and finishes with exit code 0 and times that follow each other', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([EXITS_0]);
    const [report] = await contract.untilEnded(jobs);
    assert.equal(report?.outcome, 'FINISHED');
    assert.deepEqual(report.exit, { code: 0 });
    assert.notEqual(report.words, '');
    // Some schedulers round to seconds.
    if (report.startedAt !== undefined) assert.ok(report.startedAt <= (report.endedAt ?? 0) + 1000);
    if (report.endedAt !== undefined) assert.ok(report.endedAt > Date.UTC(2000));
  });

  it('of many submissions at once each gets its own answer, in order', async () => {
    const contract = under();
    const submissions = [0, 1, 2, 3, 4, 5, 6, 7].map((code) => {
      return contract.harness.submission([{ kind: 'exits', code }]);
    });
    const answers = await contract.scheduler.submit(submissions);
    const jobs = answers.map((answer) =>
      answer.kind === 'accepted' ? answer.jobs[0]! : assert.fail(answer.words),
    );
    assert.equal(new Set(jobs).size, jobs.length);
    const codes = (await contract.untilEnded(jobs)).map(({ exit }) => exit && 'code' in exit && exit.code);
    assert.deepEqual(codes, [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('no submissions, no jobs and nothing to find are no questions', async () => {
    const { scheduler } = under();
    assert.deepEqual(await scheduler.submit([]), []);
    assert.deepEqual(await scheduler.poll([]), { kind: 'answered', value: new Map() });
    assert.deepEqual(await scheduler.cancel([]), { kind: 'answered', value: undefined });
    assert.deepEqual(await scheduler.find([]), { kind: 'answered', value: new Map() });
  });

  it('a job is told to run while it runs, since when, and to have finished when it has', async () => {
    const contract = under();
    const [submission, jobs] = await contract.submit([STAYS]);
    const [report] = await contract.untilRunning(jobs);
    const startedAt = report?.kind === 'running' ? report.startedAt : undefined;
    if (startedAt !== undefined) assert.ok(Math.abs(Date.now() - startedAt) < 3600_000, String(startedAt));
    contract.harness.release(submission);
    assert.deepEqual(await contract.outcomes(jobs), ['FINISHED']);
  });

  it('a job that is held waits, and says why', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([EXITS_0], { held: true });
    const report = (await contract.poll(jobs)).get(jobs[0]!);
    assert.equal(report?.kind, 'waiting');
    assert.notEqual(report.words, '');
    await contract.scheduler.cancel(jobs);
  });

  it('unknown ids among known ones are left out of the answer, and alone too', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([EXITS_0], { held: true });
    const unknown = ['99999991', '99999992_3'];
    assert.deepEqual([...(await contract.poll([...unknown, ...jobs])).keys()], jobs);
    assert.equal((await contract.poll([unknown[0]!])).size, 0);
    assert.equal((await contract.poll(unknown)).size, 0);
    await contract.scheduler.cancel(jobs);
  });
}

function itRunsArrays(under: () => Contract): void {
  it('each member of an array has a job of its own, and ends in its own way', async (t) => {
    const contract = under();
    if ((await contract.scheduler.arrayLimit()) < 4) return t.diagnostic('there are no arrays here');
    const codes = [0, 3, 0, 5];
    const [, jobs] = await contract.submit(codes.map((code) => ({ kind: 'exits', code })));
    assert.equal(new Set(jobs).size, 4);
    const reports = await contract.untilEnded(jobs);
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['FINISHED', 'FAILED', 'FINISHED', 'FAILED'],
    );
    assert.deepEqual(
      reports.map(({ exit }) => exit),
      codes.map((code) => ({ code })),
    );
  });

  it('a thousand members are told of in one poll, and cancelled in one go', async () => {
    const contract = under();
    const size = Math.min(1000, await contract.scheduler.arrayLimit());
    const submissions = Array.from({ length: Math.ceil(1000 / size) }, () => {
      return contract.harness.submission(Array<Behaviour>(size).fill(EXITS_0), { held: true });
    });
    const answers = await contract.scheduler.submit(submissions);
    const jobs = answers.flatMap((answer) =>
      answer.kind === 'accepted' ? answer.jobs : assert.fail(answer.words),
    );
    const reports = await contract.poll(jobs);
    assert.equal(reports.size, jobs.length);
    assert.ok([...reports.values()].every(({ kind }) => kind === 'waiting'));
    assert.equal((await contract.scheduler.cancel(jobs)).kind, 'answered');
    const outcomes = await contract.outcomes(jobs);
    assert.ok(outcomes.every((outcome) => outcome === 'CANCELLED'));
  });
}

function itTellsFailures(under: () => Contract): void {
  it('a step that fails is told with its exit code', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([{ kind: 'exits', code: 3 }]);
    const [report] = await contract.untilEnded(jobs);
    assert.equal(report?.outcome, 'FAILED');
    assert.deepEqual(report.exit, { code: 3 });
  });

  it('a step that ends by a signal has failed, with the code that a shell gives to that', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([{ kind: 'signalled', signal: 11 }]);
    const [report] = await contract.untilEnded(jobs);
    assert.equal(report?.outcome, 'FAILED');
    assert.deepEqual(report.exit, { code: 139 });
  });

  it('a job that is killed from within has failed', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([{ kind: 'killed' }]);
    const [report] = await contract.untilEnded(jobs);
    assert.equal(report?.outcome, 'FAILED');
    assert.ok(report.exit === undefined || 'signal' in report.exit || report.exit.code !== 0);
  });

  it('a job whose walltime runs out has timed out', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([STAYS], { allocation: { walltimeSeconds: 60 } });
    await contract.untilRunning(jobs);
    await contract.harness.expire(jobs[0]!);
    assert.deepEqual(await contract.outcomes(jobs), ['TIMEDOUT']);
  });

  it('a job whose node fails is told as such, and is not started again behind our back', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([STAYS]);
    await contract.untilRunning(jobs);
    await contract.harness.failNode();
    assert.deepEqual(await contract.outcomes(jobs), ['HWFAILURE']);
    const [, next] = await contract.submit([EXITS_0]);
    assert.deepEqual(await contract.outcomes(next), ['FINISHED']);
  });

  it('a refusal is told in the words of the scheduler, and nothing is queued', async () => {
    const contract = under();
    const { wish, words } = contract.harness.refusal;
    const refused = contract.harness.submission([EXITS_0], wish);
    const fine = contract.harness.submission([EXITS_0]);
    const [no, yes] = await contract.scheduler.submit([refused, fine]);
    assert.equal(no?.kind, 'rejected', JSON.stringify(no));
    assert.match(no.words, words);
    assert.equal(yes?.kind, 'accepted');
    const found = await contract.scheduler.find([refused]);
    assert.deepEqual(found, { kind: 'answered', value: new Map() });
    assert.deepEqual(await contract.outcomes(yes.jobs), ['FINISHED']);
  });
}

function itCancels(under: () => Contract): void {
  it('a job that runs is cancelled', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([STAYS]);
    await contract.untilRunning(jobs);
    assert.deepEqual(await contract.scheduler.cancel(jobs), { kind: 'answered', value: undefined });
    assert.deepEqual(await contract.outcomes(jobs), ['CANCELLED']);
  });

  it('a job that waits is cancelled', async () => {
    const contract = under();
    const [, jobs] = await contract.submit([EXITS_0], { held: true });
    assert.equal((await contract.scheduler.cancel(jobs)).kind, 'answered');
    assert.deepEqual(await contract.outcomes(jobs), ['CANCELLED']);
  });

  it('of an array one member is cancelled while it runs, and the others go on', async (t) => {
    const contract = under();
    if ((await contract.scheduler.arrayLimit()) < 3) return t.diagnostic('there are no arrays here');
    const [submission, jobs] = await contract.submit([STAYS, STAYS, STAYS]);
    await contract.untilRunning(jobs);
    await contract.scheduler.cancel([jobs[1]!]);
    assert.deepEqual(await contract.outcomes([jobs[1]!]), ['CANCELLED']);
    contract.harness.release(submission);
    assert.deepEqual(await contract.outcomes(jobs), ['FINISHED', 'CANCELLED', 'FINISHED']);
  });

  it('of an array one member is cancelled while it waits, and the others wait on', async (t) => {
    const contract = under();
    if ((await contract.scheduler.arrayLimit()) < 3) return t.diagnostic('there are no arrays here');
    const [, jobs] = await contract.submit([EXITS_0, EXITS_0, EXITS_0], { held: true });
    await contract.scheduler.cancel([jobs[1]!]);
    const kinds = await until('the second is no longer told to wait', async () => {
      const reports = await contract.poll(jobs);
      return reports.get(jobs[1]!)?.kind !== 'waiting' && jobs.map((job) => reports.get(job));
    });
    assert.deepEqual([kinds[0]?.kind, kinds[2]?.kind], ['waiting', 'waiting']);
    // A scheduler may keep nothing of it where there is no accounting: then it is unknown, and never anything else.
    if (kinds[1] !== undefined) assert.equal(kinds[1].kind === 'ended' && kinds[1].outcome, 'CANCELLED');
    else assert.equal(contract.harness.hasAccounting, false);
    await contract.scheduler.cancel(jobs);
  });

  it('to cancel what has ended, or was never there, is no error, and ends the others', async () => {
    const contract = under();
    const [, ended] = await contract.submit([EXITS_0]);
    await contract.untilEnded(ended);
    const [, running] = await contract.submit([STAYS]);
    await contract.untilRunning(running);
    const answer = await contract.scheduler.cancel([...ended, '99999991', ...running]);
    assert.deepEqual(answer, { kind: 'answered', value: undefined });
    assert.deepEqual(await contract.outcomes(running), ['CANCELLED']);
    assert.deepEqual(await contract.outcomes(ended), ['FINISHED']);
  });
}

function itFindsAgain(under: () => Contract): void {
  it('a submission whose answer was lost is found again, with the ids of its members', async () => {
    const contract = under();
    const { harness, scheduler } = contract;
    const size = Math.min(3, await scheduler.arrayLimit());
    const lost = harness.submission(Array<Behaviour>(size).fill(STAYS));
    const never = harness.submission([EXITS_0]);
    harness.loseNextAnswer();
    const [answer] = await scheduler.submit([lost]);
    assert.equal(answer?.kind, 'unanswered', JSON.stringify(answer));
    const found = await scheduler.find([never, lost]);
    assert.equal(found.kind, 'answered');
    assert.deepEqual([...found.value.keys()], [lost.id]);
    const jobs = found.value.get(lost.id)!;
    assert.equal(jobs.length, size);
    await contract.untilRunning(jobs);
    harness.release(lost);
    assert.ok((await contract.outcomes(jobs)).every((outcome) => outcome === 'FINISHED'));
  });

  it('what the queue has forgotten is asked of accounting, or is unknown', async () => {
    const contract = under();
    const { harness, scheduler } = contract;
    const [submission, jobs] = await contract.submit([{ kind: 'exits', code: 4 }]);
    const [before] = await contract.untilEnded(jobs);
    await harness.forgetEnded();
    if (!harness.hasAccounting) {
      assert.equal((await contract.poll(jobs)).size, 0);
      assert.deepEqual(await scheduler.find([submission]), { kind: 'answered', value: new Map() });
      return;
    }
    const [after] = await contract.untilEnded(jobs);
    assert.deepEqual([after?.outcome, after?.exit], [before?.outcome, before?.exit]);
    assert.deepEqual([after?.startedAt, after?.endedAt], [before?.startedAt, before?.endedAt]);
    // Accounting may know a job's end before it knows how the job was submitted.
    const found = await until('accounting tells whose job it was', async () => {
      const answer = await scheduler.find([submission]);
      return answer.kind === 'answered' && answer.value.get(submission.id);
    });
    assert.deepEqual(found, jobs);
  });

  it('while the scheduler is down nothing is lost, doubled or refused, and afterwards all is told', async () => {
    const contract = under();
    const { harness, scheduler } = contract;
    const [running, jobs] = await contract.submit([STAYS]);
    await contract.untilRunning(jobs);
    const late = harness.submission([EXITS_0]);
    await harness.takeDown();
    const [poll, cancel, find, submit] = await Promise.all([
      scheduler.poll(jobs),
      scheduler.cancel(['99999991']),
      scheduler.find([running]),
      scheduler.submit([late]),
    ]);
    assert.deepEqual([poll.kind, cancel.kind, find.kind], ['down', 'down', 'down']);
    assert.equal(submit[0]?.kind, 'unanswered', JSON.stringify(submit));
    for (const answer of [poll, cancel, find]) assert.notEqual('words' in answer && answer.words, '');
    await harness.bringUp();
    harness.release(running);
    assert.deepEqual(await contract.outcomes(jobs), ['FINISHED']);
    assert.deepEqual(await scheduler.find([late]), { kind: 'answered', value: new Map() });
  });
}
