import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urgencyOf } from '../../../../src/shared/study/script/urgency.ts';

test('words and shares become urgencies of Flux', () => {
  const priorities = [
    'held',
    'MINIMAL',
    'Low',
    'medium',
    'high',
    'expedite',
    'Expedited',
    '0.0',
    '0.25',
    '1',
  ];
  assert.deepEqual(priorities.map(urgencyOf), [0, 1, 9, 16, 24, 31, 31, 0, 8, 31]);
  for (const none of ['', 'soon', '1.5', '-1', 'constructor']) assert.equal(urgencyOf(none), undefined, none);
});
