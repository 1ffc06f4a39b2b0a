import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isNested,
  type Jobspec,
  jobspecOf,
  readTemplate,
  submissionOf,
  submitArgs,
  templateArgs,
} from '../../../../src/conductor/schedulers/flux/jobspec.ts';
import type { Allocation, Submission } from '../../../../src/conductor/schedulers/scheduler.ts';
import { recorded } from './recorded.ts';

const TEMPLATE = readTemplate(recorded('10-submit-dryrun').stdout)!;

function submissionWith(allocation: Allocation): Submission {
  return {
    id: 'maestro-abc-1',
    file: '/study/.maestro/jobs/maestro-abc-1.sh',
    directory: '/study/run',
    members: [
      { token: 't', name: 'run_A.1', workspace: '/study/run', script: '/study/run/run_A.1.restart.flux.sh' },
    ],
    allocation,
  };
}

const specOf = (allocation: Allocation): Jobspec => jobspecOf(TEMPLATE, submissionWith(allocation));

test("a template asks for what the step asks for, in Flux's own words", () => {
  assert.deepEqual(templateArgs({}), ['submit', '--dry-run', '-N1', '-n1', '-c1', 'maestro-job']);
  const all = {
    nodes: 2,
    procs: 8,
    coresPerTask: 3,
    gpus: 1,
    walltimeSeconds: 630.5,
    exclusive: true,
    queue: 'debug',
    args: ['--requires=host:a', '-ocpu-affinity=off'],
  };
  assert.deepEqual(templateArgs(all), [
    'submit',
    '--dry-run',
    '-N2',
    '-n8',
    '-c3',
    '-g1',
    '--exclusive',
    '-t630.5s',
    '--queue=debug',
    '--requires=host:a',
    '-ocpu-affinity=off',
    'maestro-job',
  ]);
  // Flux has no node without a slot on it.
  assert.ok(templateArgs({ nodes: 4, procs: 2 }).includes('-n4'));
  assert.ok(!templateArgs({ walltimeSeconds: 0 }).some((arg) => arg.startsWith('-t')));
});

test('a nested job is one broker a node, which runs the job script', () => {
  const { tasks, attributes } = specOf({ nested: true, bank: 'guests' });
  assert.deepEqual(tasks, [
    {
      command: ['flux', 'broker', '/study/.maestro/jobs/maestro-abc-1.sh'],
      slot: 'task',
      count: { per_slot: 1 },
    },
  ]);
  const { shell, ...system } = attributes.system;
  assert.deepEqual(system, {
    duration: 120,
    environment: {},
    cwd: '/study/run',
    job: { name: 'run_A.1' },
    bank: 'guests',
  });
  const { rlimit: _, ...options } = shell!.options as Record<string, unknown>;
  assert.deepEqual(options, {
    'per-resource': { type: 'node' },
    mpi: 'none',
    output: {
      stdout: { type: 'file', path: 'run_A.1.{{id.dec}}.out' },
      stderr: { type: 'file', path: 'run_A.1.{{id.dec}}.err' },
    },
  });
});

test('a flat job runs the job script once, however many slots it has', () => {
  const { tasks, attributes } = specOf({ nested: false, procs: 8 });
  assert.deepEqual(tasks[0]?.command, ['/study/.maestro/jobs/maestro-abc-1.sh']);
  assert.deepEqual(tasks[0]?.count, { total: 1 });
  assert.ok(!('mpi' in attributes.system.shell!.options!));
});

test('on several nodes a job is nested whatever was asked', () => {
  assert.deepEqual(
    [isNested({}), isNested({ nested: false }), isNested({ nested: false, nodes: 2 })],
    [true, false, true],
  );
});

test('a jobspec tells the submission that it was made for, and the template stays as it is', () => {
  assert.equal(submissionOf(JSON.stringify(specOf({}))), 'maestro-abc-1');
  assert.equal(submissionOf(JSON.stringify(TEMPLATE)), undefined);
  assert.equal(submissionOf(recorded('32-job-info-jobspec').stdout), undefined);
  for (const text of ['', 'null', '[]', '{"attributes":{"user":{"maestro":1}}}']) {
    assert.equal(submissionOf(text), undefined, text);
  }
});

test('what is no jobspec makes no template', () => {
  for (const text of ['', 'null', '3', '{}', '{"tasks":[],"attributes":{"system":{}}}', 'flux: hello']) {
    assert.equal(readTemplate(text), undefined, text);
  }
});

test('urgency and waitability are told when the job is submitted', () => {
  assert.deepEqual(submitArgs({}), ['job', 'submit']);
  assert.deepEqual(submitArgs({ urgency: 0, waitable: true }), [
    'job',
    'submit',
    '--urgency=0',
    '--flags=waitable',
  ]);
});
