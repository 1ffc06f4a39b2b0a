import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCommand } from '../../../../src/conductor/schedulers/command.ts';
import type { JobReport, Scheduler, Submission } from '../../../../src/conductor/schedulers/scheduler.ts';
import { slurmFacts } from '../../../../src/conductor/schedulers/slurm/facts.ts';
import { createSlurmScheduler } from '../../../../src/conductor/schedulers/slurm/slurm-scheduler.ts';
import { until } from '../../../e2e/until.ts';
import { ScriptSubmissions } from '../script-submissions.ts';
import { type ForgetfulQueue, forgetfulQueue } from './forgetful-queue.ts';
import { PrivateSlurm, whyNoSlurm } from './private-slurm.ts';

const options = { accounting: true, comments: true } as const;

describe('what only Slurm does', { skip: whyNoSlurm(options) ?? false }, () => {
  let slurm: PrivateSlurm;
  let scheduler: Scheduler;
  let queue: ForgetfulQueue;
  let submissions: ScriptSubmissions;
  const programs: string[] = [];

  before(async () => {
    slurm = await PrivateSlurm.start(options);
    submissions = new ScriptSubmissions(join(slurm.directory, 'jobs'), ({ held }) => [
      '#SBATCH --output=/dev/null',
      '#SBATCH --requeue',
      ...(held ? ['#SBATCH --hold'] : []),
    ]);
    queue = forgetfulQueue(slurm, async (command) => {
      programs.push(command.program);
      return runCommand(command);
    });
    scheduler = createSlurmScheduler({
      // As a user's terminal may have it.
      environment: {
        ...slurm.environment,
        LC_ALL: 'C.UTF-8',
        SQUEUE_FORMAT: '%i',
        SQUEUE_STATES: 'RUNNING',
        SACCT_FORMAT: 'JobID',
        SCANCEL_USER: 'nobody',
        SLURM_TIME_FORMAT: 'relative',
        SBATCH_WAIT: '1',
      },
      run: queue.run,
    });
  });
  after(() => slurm?.close());

  const submit = async (submission: Submission): Promise<readonly string[]> => {
    const [answer] = await scheduler.submit([submission]);
    assert.equal(answer?.kind, 'accepted', JSON.stringify(answer));
    return answer.jobs;
  };
  const reportOf = async (job: string): Promise<JobReport | undefined> => {
    const answer = await scheduler.poll([job]);
    assert.equal(answer.kind, 'answered', JSON.stringify(answer));
    return answer.value.get(job);
  };
  const untilEnded = (job: string) =>
    until(`${job} has ended`, async () => {
      const report = await reportOf(job);
      return report?.kind === 'ended' && report;
    });
  const untilRunning = (job: string) =>
    until(`${job} runs`, async () => {
      const report = await reportOf(job);
      return report?.kind === 'running' && report.state === 'RUNNING';
    });

  it('tells its version, its partitions and the accounts of a user', async () => {
    const answer = await slurmFacts({ environment: slurm.environment, user: 'root' });
    assert.equal(answer.kind, 'known', JSON.stringify(answer));
    assert.match(answer.facts.version, /^\d+\.\d+/);
    assert.deepEqual(
      answer.facts.partitions.map(({ name, isDefault, maxSeconds, maxNodes }) => [
        name,
        isDefault,
        maxSeconds,
        maxNodes,
      ]),
      [
        ['debug', true, 3600, 1],
        ['batch', false, undefined, 1],
      ],
    );
    assert.deepEqual(answer.facts.associations, [{ account: 'root', qos: ['normal'] }]);
    assert.deepEqual([answer.facts.hasAccounting, answer.facts.arrayLimit], [true, 10_001]);
  });

  it('gives a job the environment as it is, whatever the questions are asked with', async () => {
    const submission = submissions.make([{ kind: 'prints', command: 'env' }]);
    const [job] = await submit(submission);
    await untilEnded(job!);
    const printed = readFileSync(join(submission.members[0]!.workspace, 'printed'), 'utf8');
    assert.match(printed, /^LC_ALL=C\.UTF-8$/m);
    assert.match(printed, /^SLURM_TIME_FORMAT=relative$/m);
    assert.doesNotMatch(printed, /^SLURM_BITSTR_LEN=|^SBATCH_WAIT=/m);
  });

  it('starts no job again by itself, whatever its header says', async () => {
    const submission = submissions.make([{ kind: 'stays' }]);
    const [job] = await submit(submission);
    await untilRunning(job!);
    await assert.rejects(slurm.command('scontrol', 'requeue', job!));
    await scheduler.cancel([job!]);
    assert.equal((await untilEnded(job!)).outcome, 'CANCELLED');
  });

  it('tells the memory and the processor time that a job has used, once accounting has them', async () => {
    const submission = submissions.make([{ kind: 'stays' }]);
    const [job] = await submit(submission);
    await untilRunning(job!);
    await until('memory has been sampled', async () => {
      const text = await slurm.command(
        'sstat',
        '--noheader',
        '--parsable2',
        '--format=MaxRSS',
        `--jobs=${job}.batch`,
      );
      return /^[1-9]/.test(text.trim());
    });
    submissions.release(submission);
    const { usage } = await until('accounting has it', async () => {
      const report = await reportOf(job!);
      return report?.kind === 'ended' && report.usage !== undefined && report;
    });
    assert.ok((usage?.maxRssKib ?? 0) > 100, JSON.stringify(usage));
  });

  it('asks accounting only for what has ended', async () => {
    const submission = submissions.make([{ kind: 'stays' }, { kind: 'stays' }]);
    const jobs = await submit(submission);
    await untilRunning(jobs[1]!);
    programs.length = 0;
    await scheduler.poll(jobs);
    assert.deepEqual(programs, ['squeue']);
    submissions.release(submission);
    await untilEnded(jobs[0]!);
    assert.deepEqual(new Set(programs), new Set(['squeue', 'sacct']));
  });

  it('a member that is cancelled while it waits is told to be, though Slurm keeps nothing of it', async () => {
    const jobs = await submit(submissions.make(Array(4).fill({ kind: 'exits', code: 0 }), { held: true }));
    await slurm.command('scancel', `${jobs[0]!.split('_')[0]}_[1,3]`);
    const answer = await scheduler.poll(jobs);
    assert.equal(answer.kind, 'answered');
    const states = jobs.map((job) => {
      const report = answer.value.get(job);
      return report?.kind === 'ended' ? report.outcome : report?.kind;
    });
    assert.deepEqual(states, ['waiting', 'CANCELLED', 'waiting', 'CANCELLED']);
    await scheduler.cancel(jobs);
    assert.equal((await untilEnded(jobs[0]!)).outcome, 'CANCELLED');
  });

  it('while accounting is down the queue goes on telling, and nothing is called lost', async () => {
    const ended = await submit(submissions.make([{ kind: 'exits', code: 0 }]));
    await untilEnded(ended[0]!);
    await queue.forgetEnded();
    const running = submissions.make([{ kind: 'stays' }]);
    const [job] = await submit(running);
    await untilRunning(job!);
    await slurm.down('slurmdbd');
    const report = await reportOf(ended[0]!);
    assert.equal(report?.kind === 'running' && report.state, 'FINISHING', JSON.stringify(report));
    submissions.release(running);
    assert.equal((await untilEnded(job!)).outcome, 'FINISHED');
    const unknown = submissions.make([{ kind: 'exits', code: 0 }]);
    assert.equal((await scheduler.find([unknown])).kind, 'down');
    await slurm.up();
    assert.equal((await untilEnded(ended[0]!)).outcome, 'FINISHED');
    assert.deepEqual(await scheduler.find([unknown]), { kind: 'answered', value: new Map() });
  });

  it('finds in accounting by the comment, where the site stores it', async () => {
    const submission = submissions.make([
      { kind: 'exits', code: 0 },
      { kind: 'exits', code: 0 },
    ]);
    const jobs = await submit(submission);
    await untilEnded(jobs[1]!);
    await until('accounting has it', async () => {
      const text = await slurm.command('sacct', '-nXP', `--jobs=${jobs.join(',')}`, '--format=Comment,State');
      return text.split(`${submission.id}|COMPLETED`).length === 3;
    });
    await queue.forgetEnded();
    const found = await scheduler.find([submission]);
    assert.deepEqual(found, { kind: 'answered', value: new Map([[submission.id, jobs]]) });
  });
});
