import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocationWarnings,
  readFluxQueues,
  readLsfQueues,
  readPbsQueues,
} from '../../../src/cli/doctor/scheduler-answer.ts';

test('the queues of a Flux, which may have none with a name', () => {
  const named = 'batch: Job submission is enabled\nbatch: Scheduling is started\n';
  const both = `${named}debug: Job submission is disabled: maintenance\ndebug: Scheduling is started\n`;
  assert.deepEqual(readFluxQueues(both), ['batch', 'debug']);
  assert.deepEqual(readFluxQueues('Job submission is enabled\nScheduling is started\n'), []);
  assert.deepEqual(readFluxQueues('flux-queue: Job submission is enabled\n'), []);
  assert.equal(readFluxQueues('something else\n'), undefined);
});

test('the queues of an LSF', () => {
  const text = `QUEUE_NAME      PRIO STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN  SUSP  RSV PJOBS
pdebug           43  Open:Active       -    -    -    -     0     0     0     0     0     0
pbatch           30  Open:Inact        -    -    -    -   924   900    24     0     0     0
`;
  assert.deepEqual(readLsfQueues(text), ['pdebug', 'pbatch']);
  assert.equal(readLsfQueues(''), undefined);
});

test('the queues of a PBS', () => {
  const text =
    'Queue: workq\n    queue_type = Execution\n    enabled = True\n\nQueue: gpu_long\n    Priority = 66\n';
  assert.deepEqual(readPbsQueues(text), ['workq', 'gpu_long']);
  assert.equal(readPbsQueues('\n'), undefined);
});

const warnings = (queues: readonly string[] | undefined, queue: string) =>
  allocationWarnings({ kind: 'queues', queues }, 'LSF', { queue }).map(
    ({ key, message, mend }) => `${key}: ${message}; ${mend}`,
  );

test('a queue that is not there is told, with the one that is meant or those that are there', () => {
  const there = ['pdebug', 'pbatch'];
  assert.deepEqual(warnings(there, 'pdebug'), []);
  assert.deepEqual(warnings(there, 'pdebug pbatch'), []);
  assert.deepEqual(warnings(there, ''), []);
  assert.deepEqual(warnings(there, 'pbach'), ["queue: LSF has no queue 'pbach'; did you mean 'pbatch'?"]);
  assert.deepEqual(warnings(there, 'x'), ["queue: LSF has no queue 'x'; there are pdebug, pbatch"]);
  assert.deepEqual(warnings([], 'x'), ["queue: LSF has no queue 'x'; it has none: leave queue out"]);
});

test('a queue of another server, and queues that could not be read, are not judged', () => {
  assert.deepEqual(warnings(['workq'], 'long@other'), []);
  assert.deepEqual(warnings(undefined, 'long'), []);
});
