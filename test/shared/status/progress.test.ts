import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepState } from '../../../src/shared/state/states.ts';
import { doneOf, estimateMs, percentOf, recentPace } from '../../../src/shared/status/progress.ts';

test('steps are done in every state that a study may end in', () => {
  const counts = new Map<StepState, number>([
    ['FINISHED', 3],
    ['FAILED', 2],
    ['TIMEDOUT', 1],
    ['CANCELLED', 1],
    ['RUNNING', 5],
    ['INITIALIZED', 7],
  ]);
  assert.equal(doneOf(counts), 7);
});

test('100 % is said only when nothing is left', () => {
  assert.equal(percentOf(1999, 2000), 99);
  assert.equal(percentOf(2000, 2000), 100);
  assert.equal(percentOf(0, 0), 100);
});

test('the pace counts what ended since the conductor came', () => {
  assert.deepEqual(recentPace([90, 50, 10], 20, 100), { ended: 2, ms: 80 });
  assert.equal(recentPace([10, 5], 20, 100), undefined);
  assert.equal(recentPace([], 0, 100), undefined);
});

test('with all ends in the window the span starts at the oldest of them, which is not counted', () => {
  assert.deepEqual(recentPace([90, 60, 50], 0, 100), { ended: 2, ms: 50 });
});

test('a burst of ends in one millisecond is no infinite pace', () => {
  assert.deepEqual(recentPace([100, 100, 100], 0, 100), { ended: 2, ms: 1 });
});

test('the estimate goes on at the pace', () => {
  assert.equal(estimateMs(10, { ended: 2, ms: 50 }), 250);
  assert.equal(estimateMs(0, undefined), 0);
  assert.equal(estimateMs(10, undefined), undefined);
});
