import assert from 'node:assert/strict';
import { test } from 'node:test';
import { studyStateOf } from '../../../src/shared/status/study-state.ts';

const going = { outcome: undefined, cancelRequestedAt: undefined };

test('an outcome is final, whoever holds the lease', () => {
  for (const lease of ['free', 'stale', 'live'] as const) {
    assert.equal(studyStateOf({ ...going, outcome: 'failed' }, lease), 'failed');
  }
});

test('a study runs only while its conductor lives', () => {
  assert.equal(studyStateOf(going, 'live'), 'running');
  assert.equal(studyStateOf({ ...going, cancelRequestedAt: 1 }, 'live'), 'cancelling');
  assert.equal(studyStateOf(going, 'stale'), 'stopped');
  assert.equal(studyStateOf({ ...going, cancelRequestedAt: 1 }, 'free'), 'stopped');
});
