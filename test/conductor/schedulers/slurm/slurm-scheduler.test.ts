import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandResult } from '../../../../src/conductor/schedulers/command.ts';
import type { Submission } from '../../../../src/conductor/schedulers/scheduler.ts';
import { PARALLEL_SUBMITS } from '../../../../src/conductor/schedulers/slurm/bounds.ts';
import { createSlurmScheduler } from '../../../../src/conductor/schedulers/slurm/slurm-scheduler.ts';

type Answers = Readonly<Partial<Record<string, string | CommandResult>>>;

/** A scheduler whose commands answer what the test says; `calls` is what was called. */
function commands(answers: Answers) {
  const calls: Command[] = [];
  const scheduler = createSlurmScheduler({
    uid: 1000,
    environment: { PATH: '/bin' },
    run: async (command) => {
      calls.push(command);
      const answer = answers[command.program] ?? '';
      return typeof answer === 'string' ? { kind: 'exited', code: 0, stdout: answer, stderr: '' } : answer;
    },
  });
  return {
    scheduler,
    calls,
    called: () => calls.splice(0).map(({ program, args }) => [program, ...args].join(' ')),
  };
}

const failing = (stderr: string): CommandResult => ({ kind: 'exited', code: 1, stdout: '', stderr });
const submission = (id: string): Submission => ({
  id,
  file: `/j/${id}.sh`,
  directory: '/w',
  members: [{ token: 't', name: 'n', workspace: '/w', script: '/w/s.sh' }],
  allocation: {},
});

test('a poll of jobs that wait or run is one call, however many they are', async () => {
  const { scheduler, called } = commands({
    squeue: '1|RUNNING|0|10|20|None|\n2_[0-4999]|PENDING|0|N/A|N/A|Priority|\n',
  });
  const jobs = ['1', ...Array.from({ length: 5000 }, (_, index) => `2_${index}`)];
  const answer = await scheduler.poll(jobs);
  assert.equal(answer.kind === 'answered' && answer.value.size, 5001);
  assert.equal(called().length, 1);
});

test('whatever has ended or is gone is one question to accounting', async () => {
  const { scheduler, called } = commands({ squeue: '1|COMPLETED|0|10|20|None|\n', sacct: '' });
  await scheduler.poll(['1', '2_3', '2_4']);
  const [queue, accounts, ...more] = called();
  assert.match(queue!, /^squeue .*--user=1000/);
  assert.match(accounts!, /^sacct .*--jobs=1,2$/);
  assert.deepEqual(more, []);
});

test('a queue that does not answer is down, in its own words', async () => {
  const { scheduler } = commands({
    squeue: failing('slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n'),
  });
  const words = 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)';
  assert.deepEqual(await scheduler.poll(['1']), { kind: 'down', words });
  assert.deepEqual(await scheduler.find([submission('a')]), { kind: 'down', words });
});

test('what is not in the queue is not known to be nowhere while accounting does not answer', async () => {
  const { scheduler } = commands({
    sacct: failing('sacct: error: Problem talking to the database: Connection refused'),
  });
  const words = 'Problem talking to the database: Connection refused';
  assert.deepEqual(await scheduler.find([submission('a')]), { kind: 'down', words });
  const answer = await scheduler.poll(['7']);
  const report = answer.kind === 'answered' ? answer.value.get('7') : undefined;
  assert.equal(report?.kind === 'running' && report.state, 'FINISHING');
});

test('a Slurm before 21.08 is searched without the line of submission', async () => {
  const calls: string[] = [];
  const scheduler = createSlurmScheduler({
    environment: {},
    run: async ({ program, args }) => {
      calls.push(program);
      if (program === 'squeue') return { kind: 'exited', code: 0, stdout: '', stderr: '' };
      if (args.join().includes('SubmitLine'))
        return failing('sacct: error: Invalid field requested: "SubmitLine"\n');
      return { kind: 'exited', code: 0, stdout: '9|a\n', stderr: '' };
    },
  });
  assert.deepEqual(await scheduler.find([submission('a')]), {
    kind: 'answered',
    value: new Map([['a', ['9']]]),
  });
  assert.deepEqual(calls, ['squeue', 'sacct', 'sacct']);
});

test('cancelling an array is one word, and complaints about jobs that have ended are no failure', async () => {
  const { scheduler, called } = commands({
    scancel: failing(
      'scancel: error: Kill job error on job id 5: Job/step already completing or completed\n',
    ),
  });
  const jobs = ['5', ...Array.from({ length: 1000 }, (_, index) => `6_${index}`)];
  assert.deepEqual(await scheduler.cancel(jobs), { kind: 'answered', value: undefined });
  assert.deepEqual(called(), ['scancel 5 6_[0-999]']);
});

test('many single jobs are cancelled in batches', async () => {
  const { scheduler, calls } = commands({});
  await scheduler.cancel(Array.from({ length: 1200 }, (_, index) => String(index + 1)));
  assert.deepEqual(
    calls.map(({ args }) => args.length),
    [500, 500, 200],
  );
});

test('cancelling without an answer is down', async () => {
  const { scheduler } = commands({
    scancel: failing('scancel: error: Unable to contact slurm controller (connect failure)'),
  });
  assert.equal((await scheduler.cancel(['5'])).kind, 'down');
});

test('submissions go in a few lanes at a time, and answers keep their order', async () => {
  let now = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const scheduler = createSlurmScheduler({
    environment: {},
    run: async ({ args }) => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        // The latest goes first.
        setImmediate(() => waiting.pop()?.());
      });
      now--;
      const ids = args.flatMap((word) => /(\d+)\.sh$/.exec(word)?.[1] ?? []);
      const stderr = ids.map(() => '\0').join('');
      return { kind: 'exited', code: 0, stdout: ids.map((id) => `${id}\n\0${0}\0`).join(''), stderr };
    },
  });
  const ids = Array.from({ length: 210 }, (_, index) => String(index + 100));
  const answers = await scheduler.submit(ids.map(submission));
  assert.deepEqual(
    answers.map((answer) => answer.kind === 'accepted' && answer.jobs[0]),
    ids,
  );
  assert.equal(most, PARALLEL_SUBMITS);
});

test('the array limit is asked for once, and 1 for as long as nobody answers', async () => {
  const answers: Record<string, string | CommandResult> = {
    scontrol: failing('Unable to contact slurm controller'),
  };
  const { scheduler, calls } = commands(answers);
  assert.equal(await scheduler.arrayLimit(), 1);
  answers.scontrol = 'MaxArraySize = 1001\n';
  assert.equal(await scheduler.arrayLimit(), 1001);
  assert.equal(await scheduler.arrayLimit(), 1001);
  assert.equal(calls.length, 2);
});
