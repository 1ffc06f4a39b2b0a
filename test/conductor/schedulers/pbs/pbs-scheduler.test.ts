import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandResult, RunCommand } from '../../../../src/conductor/schedulers/command.ts';
import { createPbsScheduler } from '../../../../src/conductor/schedulers/pbs/pbs-scheduler.ts';
import type { Submission } from '../../../../src/conductor/schedulers/scheduler.ts';

const exited = (stdout: string, code = 0, stderr = ''): CommandResult => ({
  kind: 'exited',
  code,
  stdout,
  stderr,
});

function scripted(answer: (command: Command) => CommandResult) {
  const calls: Command[] = [];
  const run: RunCommand = async (command) => {
    calls.push(command);
    return answer(command);
  };
  const lines = () => calls.map(({ program, args }) => [program, ...args].join(' '));
  return { run, calls, lines };
}

const SUBMISSION: Submission = {
  id: 'maestro-abc-1',
  file: '/study/.maestro/jobs/maestro-abc-1.sh',
  directory: '/study/run',
  members: [{ token: 't', name: 'run', workspace: '/study/run', script: '/study/run/run.pbs.sh' }],
  allocation: {},
};

test('qsub is called in the directory, with the variable to find the job by', async () => {
  const { run, calls } = scripted(() => exited('1234.pbs01\n'));
  const environment = { HOME: '/h', PBS_JOBID: '1.x', PBS_ARRAY_INDEX: '4' };
  assert.deepEqual(await createPbsScheduler({ run, environment }).submit([SUBMISSION]), [
    { kind: 'accepted', jobs: ['1234.pbs01'] },
  ]);
  assert.deepEqual(calls[0], {
    program: 'qsub',
    args: ['-v', 'MAESTRO_SUBMISSION=maestro-abc-1', '/study/.maestro/jobs/maestro-abc-1.sh'],
    limitMs: 60_000,
    environment: { HOME: '/h' },
    directory: '/study/run',
  });
});

test('a submission is accepted, refused or unanswered', async () => {
  const kinds: readonly (readonly [CommandResult, string])[] = [
    [exited('hello from our site\n1234.pbs01.example.org\n'), 'accepted'],
    [exited('1234\n'), 'accepted'],
    [exited('', 170, 'qsub: Unknown queue\n'), 'rejected'],
    [exited('', 188, 'qsub: Job exceeds queue and/or server resource limits\n'), 'rejected'],
    [
      exited('', 255, 'Connection refused\nqsub: cannot connect to server pbs01 (errno=15010)\n'),
      'unanswered',
    ],
    [exited('', 1, 'qsub: End of File\n'), 'unanswered'],
    [exited('', 1), 'unanswered'],
    [exited('what?\n'), 'unanswered'],
    [{ kind: 'cut', words: 'too long' }, 'unanswered'],
    [{ kind: 'unstarted', words: 'qsub is not installed' }, 'rejected'],
  ];
  for (const [result, kind] of kinds) {
    const { run } = scripted(() => result);
    const [answer] = await createPbsScheduler({ run, environment: {} }).submit([SUBMISSION]);
    assert.equal(answer?.kind, kind, JSON.stringify(result));
  }
});

const RUNNING = JSON.stringify({ Jobs: { '7.pbs01': { job_state: 'R' } } });
const RUNNING_TEXT = 'Job Id: 7.pbs01\n    Job_Name = 007\n    job_state = R\n\n';

async function reportsOf(scheduler: ReturnType<typeof createPbsScheduler>, jobs: readonly string[]) {
  const answer = await scheduler.poll(jobs);
  return answer.kind === 'answered' ? [...answer.value.keys()] : answer.words;
}

test('jobs are told by their numbers, whichever name of the server stands behind them', async () => {
  const { run, lines } = scripted(() => exited(RUNNING, 153, 'qstat: Unknown Job Id 8.pbs01\n'));
  const scheduler = createPbsScheduler({ run, environment: {} });
  const jobs = ['7.pbs01.example.org', '8.pbs01', 'unknown', '9_3'];
  assert.deepEqual(await reportsOf(scheduler, jobs), ['7.pbs01.example.org']);
  assert.deepEqual(lines(), ['qstat -x -f -F json 7.pbs01.example.org 8.pbs01']);
});

test('where the JSON is broken, the text is read', async () => {
  const { run, lines } = scripted(({ args }) =>
    exited(args.includes('-F') ? RUNNING.replace('"R"', '"R","Job_Name":007') : RUNNING_TEXT),
  );
  const scheduler = createPbsScheduler({ run, environment: {} });
  assert.deepEqual(await reportsOf(scheduler, ['7.pbs01']), ['7.pbs01']);
  // Another job may spoil it no more: JSON is asked for again.
  await scheduler.poll(['7.pbs01']);
  assert.deepEqual(lines().slice(0, 3), [
    'qstat -x -f -F json 7.pbs01',
    'qstat -x -f 7.pbs01',
    'qstat -x -f -F json 7.pbs01',
  ]);
});

test('what a server cannot do is asked for once', async () => {
  const { run, lines } = scripted(({ args }) => {
    if (args.includes('-x')) return exited('', 1, 'qstat: PBS is not configured to maintain job history\n');
    if (args.includes('-F')) return exited('', 2, "qstat: invalid option -- 'F'\nusage: qstat [-f]\n");
    return exited(RUNNING_TEXT);
  });
  const scheduler = createPbsScheduler({ run, environment: {} });
  assert.deepEqual(await reportsOf(scheduler, ['7.pbs01']), ['7.pbs01']);
  assert.deepEqual(await reportsOf(scheduler, ['7.pbs01']), ['7.pbs01']);
  assert.deepEqual(lines(), [
    'qstat -x -f -F json 7.pbs01',
    'qstat -f -F json 7.pbs01',
    'qstat -f 7.pbs01',
    'qstat -f 7.pbs01',
  ]);
});

test('Torque is asked in its own way', async () => {
  const { run, lines } = scripted(({ program }) =>
    exited(program === 'qselect' ? '7.pbs01\n' : RUNNING_TEXT),
  );
  const scheduler = createPbsScheduler({ run, environment: {}, flavour: 'torque', user: 'lia' });
  await scheduler.poll(['7.pbs01']);
  await scheduler.find([SUBMISSION]);
  assert.deepEqual(lines(), ['qstat -f 7.pbs01', 'qselect -u lia', 'qstat -f 7.pbs01']);
});

test('a search reads the variables of all jobs of the user', async () => {
  const mine = { job_state: 'F', Exit_status: 0, Variable_List: { MAESTRO_SUBMISSION: 'maestro-abc-1' } };
  const { run, lines } = scripted(({ program }) =>
    exited(
      program === 'qselect'
        ? '7.pbs01\n8.pbs01\n'
        : JSON.stringify({ Jobs: { '7.pbs01': {}, '8.pbs01': mine } }),
    ),
  );
  const scheduler = createPbsScheduler({ run, environment: {}, user: 'lia' });
  const found = await scheduler.find([SUBMISSION, { ...SUBMISSION, id: 'maestro-abc-2' }]);
  assert.deepEqual(found, { kind: 'answered', value: new Map([['maestro-abc-1', ['8.pbs01']]]) });
  assert.deepEqual(lines(), ['qselect -x -u lia', 'qstat -x -f -F json 7.pbs01 8.pbs01']);
});

test('a server that is down is told, by every question', async () => {
  const { run } = scripted(({ program }) =>
    exited('', 255, `Connection refused\n${program}: cannot connect to server pbs01 (errno=15010)\n`),
  );
  const scheduler = createPbsScheduler({ run, environment: {} });
  const answers = [
    await scheduler.poll(['1.s']),
    await scheduler.cancel(['1.s']),
    await scheduler.find([SUBMISSION]),
  ];
  for (const answer of answers) {
    assert.deepEqual(answer, {
      kind: 'down',
      words: 'Connection refused; cannot connect to server pbs01 (errno=15010)',
    });
  }
});
