import assert from 'node:assert/strict';
import { it } from 'node:test';
import { attemptStories } from '../../../src/cli/explain/attempt-stories.ts';
import type { EventRow } from '../../../src/shared/state/queries.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import { attemptOf } from './facts-of-test.ts';

const event = (from: StepState, to: StepState, why: string): EventRow => ({
  id: 0,
  at: 0,
  step: 1,
  from,
  to,
  why,
});

it('each attempt has the reason of its own end, whatever was decided in between', () => {
  const events = [
    event('INITIALIZED', 'PENDING', 'ready'),
    event('PENDING', 'INITIALIZED', 'no core was free'),
    event('INITIALIZED', 'PENDING', 'attempt 2'),
    event('PENDING', 'QUEUED', 'job 7'),
    event('QUEUED', 'RUNNING', 'it runs'),
    event('RUNNING', 'FAILED', 'exit code 3'),
    event('FAILED', 'INITIALIZED', 'try 2 of 2'),
    event('INITIALIZED', 'PENDING', 'attempt 3'),
    event('PENDING', 'RUNNING', 'process 9'),
  ];
  const attempts = [
    attemptOf({ number: 1, outcome: 'DROPPED' }),
    attemptOf({ number: 2 }),
    attemptOf({ number: 3, outcome: null }),
  ];
  assert.deepEqual(
    attemptStories(attempts, events, { walltimeMs: undefined, grow: undefined }).map(({ why }) => why),
    ['no core was free', 'exit code 3', undefined],
  );
});

it('each attempt has the walltime that it was given', () => {
  const attempts = [0, 1, 1, 2].map((growth, index) => attemptOf({ number: index + 1, growth }));
  const walltimes = (walltimeMs: number | undefined) =>
    attemptStories(attempts, [], { walltimeMs, grow: { walltime: 2 } }).map((attempt) => attempt.walltimeMs);
  assert.deepEqual(walltimes(1000), [1000, 2000, 2000, 4000]);
  assert.deepEqual(walltimes(undefined), [undefined, undefined, undefined, undefined]);
});
