import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updatesFor } from '../../src/cli/update-study.ts';

test('without values there is no update', () => {
  assert.equal(updatesFor(2, {}), undefined);
  assert.equal(updatesFor(2, { throttle: undefined }), undefined);
});

test('one value holds for all studies, 0 too', () => {
  assert.deepEqual(updatesFor(2, { throttle: [0] }), [{ throttle: 0 }, { throttle: 0 }]);
});

test('a value for each study goes to each in order', () => {
  assert.deepEqual(updatesFor(2, { throttle: [4, 2], sleep: [1] }), [
    { throttle: 4, sleep: 1 },
    { throttle: 2, sleep: 1 },
  ]);
});

test('another number of values is refused', () => {
  assert.throws(() => updatesFor(3, { rlimit: [1, 2] }), /--rlimit is given 2 times for 3 studies/);
  assert.throws(() => updatesFor(1, { rlimit: [1, 2] }), /--rlimit is given 2 times for 1 study/);
});
