import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command, CommandResult, RunCommand } from '../../../../src/conductor/schedulers/command.ts';
import { createLsfScheduler } from '../../../../src/conductor/schedulers/lsf/lsf-scheduler.ts';
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
  return { run, calls };
}

function submissionIn(directory: string): Submission {
  const file = join(directory, 'maestro-1.sh');
  writeFileSync(file, '#!/bin/sh\n#BSUB -nnodes 1\n#BSUB -W \n#BSUB -J a\necho π\n');
  const members = [{ token: 't', name: 'run', workspace: directory, script: join(directory, 'run.lsf.sh') }];
  return { id: 'maestro-1', file, directory, members, allocation: {} };
}

async function answerTo(result: CommandResult, environment: NodeJS.ProcessEnv = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-lsf-'));
  try {
    const { run, calls } = scripted(() => result);
    const [answer] = await createLsfScheduler({ run, environment }).submit([submissionIn(directory)]);
    return { answer, call: calls[0]!, directory };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('bsub reads the script without what is empty in it, starts in the directory, and can be found by its description', async () => {
  const environment = { HOME: '/h', BSUB_QUIET: 'Y', LSB_JOBID: '3', SLURM_ARRAY_TASK_ID: '2' };
  const { answer, call, directory } = await answerTo(
    exited('Job <7043> is submitted to queue <pbatch>.\n'),
    environment,
  );
  assert.deepEqual(answer, { kind: 'accepted', jobs: ['7043'] });
  assert.deepEqual(call.args, ['-cwd', directory, '-Jd', 'maestro-1', '-rn']);
  assert.equal(call.input, '#!/bin/sh\n#BSUB -nnodes 1\n#BSUB -J a\necho π\n');
  assert.equal(call.directory, directory);
  assert.deepEqual(call.environment, { HOME: '/h' });
});

test('a submission is accepted, refused or unanswered', async () => {
  const kinds: readonly (readonly [CommandResult, string])[] = [
    [exited('Job <1> is submitted to default queue <normal>.\n'), 'accepted'],
    [exited('*** our site says hello ***\nJob <1> is submitted to queue <normal>.\n'), 'accepted'],
    [exited('', 255, 'nosuch: No such queue. Job not submitted.\n'), 'rejected'],
    [exited('', 255, 'Bad resource requirement syntax. Job not submitted.\n'), 'rejected'],
    [exited('', 255, 'Pending job threshold reached. Retrying in 60 seconds...\n'), 'rejected'],
    [exited('', 255, 'LSF is down. Please wait ...\n'), 'unanswered'],
    [exited('', 255, 'batch system daemon not responding ... still trying\n'), 'unanswered'],
    [exited('', 0), 'unanswered'],
    [exited('', 1), 'unanswered'],
    [{ kind: 'cut', words: 'bsub took longer than 60 s' }, 'unanswered'],
    [{ kind: 'unstarted', words: 'bsub is not installed' }, 'rejected'],
  ];
  for (const [result, kind] of kinds) {
    assert.equal((await answerTo(result)).answer?.kind, kind, JSON.stringify(result));
  }
});

test('a job script that is gone is refused', async () => {
  const { run, calls } = scripted(() => exited(''));
  const submission = { ...submissionIn(mkdtempSync(join(tmpdir(), 'maestro-lsf-'))), file: '/none/at/all' };
  rmSync(submission.directory, { recursive: true });
  const [answer] = await createLsfScheduler({ run, environment: {} }).submit([submission]);
  assert.equal(answer?.kind, 'rejected');
  assert.equal(calls.length, 0);
});

async function poll(jobs: readonly string[], answers: Partial<Record<string, CommandResult>>) {
  const { run, calls } = scripted(
    ({ program }) => answers[program] ?? exited('', 255, 'No matching job found\n'),
  );
  return { answer: await createLsfScheduler({ run, environment: {} }).poll(jobs), calls };
}

test('every state of LSF is told', async () => {
  const rows: readonly (readonly [row: string, told: string])[] = [
    ['PEND|-|-', 'QUEUED: PEND'],
    ['WAIT|-|-', 'QUEUED: WAIT'],
    ['PSUSP|-|-', 'WAITING: PSUSP'],
    ['USUSP|-|-', 'WAITING: USUSP'],
    ['SSUSP|-|-', 'WAITING: SSUSP'],
    ['PROV|-|-', 'WAITING: PROV'],
    ['RUN|-|-', 'RUNNING: RUN'],
    ['UNKWN|-|-', 'RUNNING: UNKWN'],
    ['ZOMBI|-|-', 'FINISHING: ZOMBI'],
    ['NEWSTATE|-|-', 'WAITING: NEWSTATE'],
    ['DONE|-|-', 'FINISHED 0: DONE'],
    ['EXIT|3|-', 'FAILED 3: EXIT (exit code 3)'],
    [
      'EXIT|140|TERM_RUNLIMIT: job killed after reaching LSF run time limit',
      'TIMEDOUT 140: EXIT (TERM_RUNLIMIT: job killed after reaching LSF run time limit)',
    ],
    ['EXIT|130|TERM_OWNER: job killed by owner', 'CANCELLED 130: EXIT (TERM_OWNER: job killed by owner)'],
    ['EXIT|-|TERM_OWNER: job killed by owner', 'CANCELLED: EXIT (TERM_OWNER: job killed by owner)'],
    ['EXIT|137|TERM_MEMLIMIT: job killed after reaching LSF memory usage limit', 'FAILED 137'],
    ['EXIT|-|TERM_PREEMPT: Job killed after preemption', 'HWFAILURE'],
    ['EXIT|1|TERM_NEW_REASON: something | else', 'FAILED 1: EXIT (TERM_NEW_REASON: something|else)'],
  ];
  const stdout = rows.map(([row], index) => `${index + 1} |${row}\n`).join('');
  const ids = rows.map((_, index) => String(index + 1));
  const { answer } = await poll(ids, { bjobs: exited(stdout) });
  assert.equal(answer.kind, 'answered');
  for (const [index, [row, told]] of rows.entries()) {
    const report = answer.value.get(String(index + 1))!;
    const exit =
      report.kind === 'ended' && report.exit && 'code' in report.exit ? ` ${report.exit.code}` : '';
    const state = report.kind === 'ended' ? report.outcome : report.state;
    assert.ok(
      `${state}${exit}: ${report.words}`.startsWith(told),
      `${row}: ${state}${exit}: ${report.words}`,
    );
  }
});

/** As the manual of bhist shows it: lines are cut at column 80, in the middle of words too. */
const HISTORY = `
Job <8640>, Job Name <run_A.1>, Job Description <maestro-abc-1>, User <lia>, Pro
                     ject <default>, Command <#!/bin/sh;#BSUB -nnodes 1>
Tue Mar  3 10:12:54: Submitted from host <lassen708>, to Queue <pbatch>, CWD </p
                     /gpfs1/lia/study/run/A.1>;
Tue Mar  3 10:13:01: Dispatched 1 Task(s) on Host(s) <lassen10>, Allocated 1 Slo
                     t(s) on Host(s) <lassen10>;
Tue Mar  3 10:13:01: Starting (Pid 48411);
Tue Mar  3 10:43:02: Exited with exit code 140. The CPU time used is 1799.6 seco
                     nds; TERM_RUNLIMIT: job killed after reaching LSF run time
                     limit;

Summary of time in seconds spent in various states by  Tue Mar  3 10:43:02
  PEND     PSUSP    RUN      USUSP    SSUSP    UNKWN    TOTAL
  7        0        1801     0        0        0        1808
------------------------------------------------------------------------------

Job <8641>, User <lia>, Project <default>, Command <x>
Tue Mar  3 10:12:54: Submitted from host <lassen708>, to Queue <pbatch>;
Tue Mar  3 10:13:01: Starting (Pid 48412);
Tue Mar  3 10:14:01: Done successfully. The CPU time used is 0.1 seconds;

Job <8642>, User <lia>, Project <default>, Command <x>
Tue Mar  3 10:13:01: Starting (Pid 48413);
Tue Mar  3 10:14:01: Exited by signal 9. The CPU time used is 0.1 seconds;
Tue Mar  3 10:14:02: Requeued job is waiting for rescheduling;
Tue Mar  3 10:15:02: Starting (Pid 48414);

Job <8643>, User <lia>, Project <default>, Command <x>
Tue Mar  3 10:13:01: Starting (Pid 48415);
Tue Mar  3 10:14:01: Exited by signal 11. The CPU time used is 0.1 seconds;
`;

test('what bjobs has forgotten is asked of bhist', async () => {
  const forgotten = exited(
    '',
    255,
    ['8640', '8641', '8642', '8643'].map((id) => `Job <${id}> is not found`).join('\n'),
  );
  const { answer, calls } = await poll(['8640', '8641', '8642', '8643', 'unknown'], {
    bjobs: forgotten,
    bhist: exited(HISTORY),
  });
  assert.equal(answer.kind, 'answered');
  assert.deepEqual(
    [...answer.value].map(([job, report]) => [job, report.kind === 'ended' && [report.outcome, report.exit]]),
    [
      ['8640', ['TIMEDOUT', { code: 140 }]],
      ['8641', ['FINISHED', { code: 0 }]],
      ['8643', ['FAILED', { code: 139 }]],
    ],
  );
  assert.deepEqual(
    calls.map(({ program, args }) => [program, ...args.slice(-4)].join(' ')),
    ['bjobs 8640 8641 8642 8643', 'bhist 8640 8641 8642 8643'],
  );
});

test('a bhist that is missing or slow leaves jobs unknown, an LSF that is down leaves all open', async () => {
  const forgotten = exited('', 255, 'Job <1> is not found\n');
  for (const bhist of [
    { kind: 'cut', words: 'too slow' },
    { kind: 'unstarted', words: 'not there' },
  ] as const) {
    const { answer } = await poll(['1'], { bjobs: forgotten, bhist });
    assert.deepEqual(answer, { kind: 'answered', value: new Map() });
  }
  const { answer } = await poll(['1'], { bjobs: exited('', 255, 'LSF is down. Please wait ...\n') });
  assert.deepEqual(answer, { kind: 'down', words: 'LSF is down. Please wait ...' });
});

test('a search looks among the jobs, then in the history, and takes its silence for no answer', async () => {
  const sought = (id: string) => ({ id, file: `/none/${id}.sh`, members: [] });
  const find = async (bhist: CommandResult) => {
    const { run } = scripted(({ program }) =>
      program === 'bjobs' ? exited("12|maestro-abc-0\n13|somebody's | own\n") : bhist,
    );
    return createLsfScheduler({ run, environment: {} }).find([
      sought('maestro-abc-0'),
      sought('maestro-abc-1'),
    ]);
  };
  assert.deepEqual(await find(exited(HISTORY)), {
    kind: 'answered',
    value: new Map([
      ['maestro-abc-0', ['12']],
      ['maestro-abc-1', ['8640']],
    ]),
  });
  const only = { kind: 'answered', value: new Map([['maestro-abc-0', ['12']]]) };
  assert.deepEqual(await find(exited('', 255, 'No matching job found\n')), only);
  assert.deepEqual(await find({ kind: 'unstarted', words: 'not there' }), only);
  assert.equal((await find({ kind: 'cut', words: 'too slow' })).kind, 'down');
});

test('questions are asked in plain English and with an end to their patience', async () => {
  const { calls } = await poll(['1'], { bjobs: exited('1|RUN|-|-\n') });
  assert.deepEqual(calls[0]?.environment, { LC_ALL: 'C', LSB_NTRIES: '3' });
});
