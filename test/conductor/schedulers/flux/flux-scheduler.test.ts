import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandResult, RunCommand } from '../../../../src/conductor/schedulers/command.ts';
import { PARALLEL_SUBMITS } from '../../../../src/conductor/schedulers/flux/bounds.ts';
import { createFluxScheduler } from '../../../../src/conductor/schedulers/flux/flux-scheduler.ts';
import type { Allocation, Submission } from '../../../../src/conductor/schedulers/scheduler.ts';
import { throughLanes } from '../lane-of-test.ts';
import { recorded } from './recorded.ts';

const exited = (stdout: string, code = 0, stderr = ''): CommandResult => ({
  kind: 'exited',
  code,
  stdout,
  stderr,
});

/** Answers as told and remembers what was called. */
function scripted(answer: (args: readonly string[], command: Command) => CommandResult) {
  const calls: Command[] = [];
  const run: RunCommand = throughLanes(async (command) => {
    calls.push(command);
    return answer(command.args, command);
  });
  const lines = () => calls.map(({ args }) => args.join(' '));
  return { run, calls, lines };
}

const DRY = exited(recorded('10-submit-dryrun').stdout);

function submissions(count: number, allocation: Allocation = {}): Submission[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `maestro-x-${index}`,
    file: `/none/maestro-x-${index}.sh`,
    directory: '/none',
    members: [{ token: `${index}`, name: 'run', workspace: '/none', script: '/none/run.flux.sh' }],
    allocation,
  }));
}

test('the expensive command is called once for each kind of allocation, and remembered', async () => {
  let id = 0;
  const { run, lines } = scripted((args) => (args[0] === 'submit' ? DRY : exited(`${++id}`)));
  const scheduler = createFluxScheduler({ run, environment: {} });
  const answers = await scheduler.submit([...submissions(50), ...submissions(50, { procs: 2 })]);
  assert.ok(answers.every(({ kind }) => kind === 'accepted'));
  await scheduler.submit(submissions(10));
  assert.equal(lines().filter((line) => line.startsWith('submit --dry-run')).length, 2);
  assert.equal(lines().filter((line) => line === 'job submit').length, 110);
});

test('jobs go out in a few lanes, whatever is in their names', async () => {
  const { run, calls } = scripted((args, { input }) =>
    args[0] === 'submit' ? DRY : exited(String(JSON.parse(input!).attributes.system.job.name.length)),
  );
  let lanes = 0;
  const counted: RunCommand = (command) => {
    if (command.program === 'bash') lanes++;
    return run(command);
  };
  const [one] = submissions(1);
  const names = Array.from({ length: 100 }, (_, index) => `“é” 𝛑'"$(x)\n${'ƒ'.repeat(index)}`);
  const named = names.map((name) => ({ ...one!, members: [{ ...one!.members[0]!, name }] }));
  const answers = await createFluxScheduler({ run: counted, environment: {} }).submit(named);
  assert.deepEqual(
    answers,
    names.map((name) => ({ kind: 'accepted', jobs: [String(name.length)] })),
  );
  assert.ok(calls.every(({ input = '' }) => Buffer.byteLength(input) === input.length));
  assert.equal(lanes, PARALLEL_SUBMITS);
});

test('a template that is refused refuses its jobs only, and is asked for again', async () => {
  const refusal = recorded('10-submit-noqueue');
  let isMended = false;
  const { run } = scripted((args) => {
    if (args[0] !== 'submit') return exited('ƒ2dU5WkyV');
    const isRefused = args.includes('--queue=nosuch') && !isMended;
    return isRefused ? exited('', refusal.code, refusal.stderr) : DRY;
  });
  const scheduler = createFluxScheduler({ run, environment: {} });
  const refused = submissions(2, { queue: 'nosuch' });
  assert.deepEqual(await scheduler.submit([...refused, ...submissions(1)]), [
    { kind: 'rejected', words: "'nosuch' is not a valid queue" },
    { kind: 'rejected', words: "'nosuch' is not a valid queue" },
    { kind: 'accepted', jobs: ['3596229804032'] },
  ]);
  isMended = true;
  assert.equal((await scheduler.submit(refused))[0]?.kind, 'accepted');
});

test('a submission is refused, accepted or unanswered', async () => {
  const answerOf = async (result: CommandResult) => {
    const { run } = scripted((args) => (args[0] === 'submit' ? DRY : result));
    return (await createFluxScheduler({ run, environment: {} }).submit(submissions(1)))[0];
  };
  const { stderr } = recorded('70-site-timelimit');
  assert.deepEqual(await answerOf(exited('', 1, stderr)), {
    kind: 'rejected',
    words: 'requested duration exceeds policy limit of 5m',
  });
  for (const [words, kind] of [
    ['flux-job: flux_open: No such file or directory', 'unanswered'],
    ['flux-job: Connection reset by peer', 'unanswered'],
    ['flux-job: unsatisfiable request', 'rejected'],
    ['', 'unanswered'],
  ] as const) {
    assert.equal((await answerOf(exited('', 1, words)))?.kind, kind, words);
  }
  assert.equal((await answerOf(exited('no id at all')))?.kind, 'unanswered');
  assert.equal((await answerOf({ kind: 'cut', words: 'too long' }))?.kind, 'unanswered');
  assert.equal((await answerOf({ kind: 'unstarted', words: 'not there' }))?.kind, 'rejected');
});

test('every call is told the instance: the one of the study, else that of the environment', async () => {
  const { run, calls } = scripted((args) => (args[0] === 'submit' ? DRY : exited('1')));
  const everything = async (scheduler: ReturnType<typeof createFluxScheduler>) => {
    calls.length = 0;
    const [answer] = await scheduler.submit(submissions(1));
    const [job] = answer?.kind === 'accepted' ? answer.jobs : [];
    await scheduler.poll([job!]);
    await scheduler.cancel([job!]);
    await scheduler.find(submissions(1));
    return { job, uris: new Set(calls.map(({ environment }) => environment.FLUX_URI)) };
  };
  const environment = { FLUX_URI: 'local:///env' };
  assert.deepEqual(await everything(createFluxScheduler({ run, environment, uri: 'local:///spec' })), {
    job: '1',
    uris: new Set(['local:///spec']),
  });
  assert.deepEqual(await everything(createFluxScheduler({ run, environment })), {
    job: '1@local:///env',
    uris: new Set(['local:///env']),
  });
  assert.deepEqual(await everything(createFluxScheduler({ run, environment: {} })), {
    job: '1',
    uris: new Set([undefined]),
  });
});

test('jobs of another instance are asked of that one, and unknown where it is gone', async () => {
  const row = (id: string) => `${id}|RUN|||5.0|0.0||vm|\n`;
  const { run, calls } = scripted((args, { environment }) => {
    if (environment.FLUX_URI === 'local:///gone')
      return exited('', 1, recorded('60-broker-gone-jobs').stderr);
    return exited(
      args
        .filter((arg) => /^\d+$/.test(arg))
        .map(row)
        .join(''),
    );
  });
  const scheduler = createFluxScheduler({ run, environment: { FLUX_URI: 'local:///here' } });
  const jobs = ['1@local:///here', '1@local:///there', '2@local:///gone', '3', 'unknown'];
  const answer = await scheduler.poll(jobs);
  assert.equal(answer.kind, 'answered');
  assert.deepEqual([...answer.value.keys()].sort(), ['1@local:///here', '1@local:///there', '3']);
  assert.equal(calls.length, 3);
  assert.equal((await scheduler.cancel(['2@local:///gone'])).kind, 'answered');
});

test('many ids are asked for in several calls, none of them too long', async () => {
  const { run, calls } = scripted(() => exited(''));
  const jobs = Array.from({ length: 2_500 }, (_, index) => String(index));
  await createFluxScheduler({ run, environment: {} }).poll(jobs);
  assert.deepEqual(
    calls.map(({ args }) => args.length),
    [1004, 1004, 504],
  );
});

test('a search asks each job once what it was submitted as', async () => {
  const now = Date.now() / 1000;
  const { run, lines } = scripted((args) => {
    if (args[0] === 'submit') return DRY;
    if (args[1] === 'submit') return exited('1');
    if (args[0] === 'jobs') return exited(`1|${now}\n2|${now}\n3|${now}\n`);
    return exited(JSON.stringify({ attributes: args[2] === '2' ? { user: { maestro: 'lost' } } : {} }));
  });
  const scheduler = createFluxScheduler({ run, environment: {} });
  await scheduler.submit(submissions(1));
  const sought = [{ ...submissions(1)[0]!, id: 'lost' }];
  for (let look = 0; look < 3; look++) {
    assert.deepEqual(await scheduler.find(sought), { kind: 'answered', value: new Map([['lost', ['2']]]) });
  }
  assert.deepEqual(
    lines().filter((line) => line.startsWith('job info')),
    ['job info 2 jobspec', 'job info 3 jobspec'],
  );
});

test('a job of its own around the conductor is not handed on', async () => {
  const { run, calls } = scripted(() => DRY);
  const environment = { SLURM_ARRAY_TASK_ID: '7', SLURM_JOB_ID: '1', FLUX_JOB_ID: 'ƒ1', HOME: '/h' };
  await createFluxScheduler({ run, environment }).submit(submissions(1));
  assert.deepEqual(calls[0]?.environment, { HOME: '/h' });
});
