import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf } from '../../../../src/orchestra/server/datasets/serve-file.ts';

test('one range of bytes is understood, and everything else means all of it', () => {
  assert.deepEqual(rangeOf('bytes=0-', 10), { start: 0, end: 9 });
  assert.deepEqual(rangeOf('bytes=4-6', 10), { start: 4, end: 6 });
  assert.deepEqual(rangeOf('bytes=4-99', 10), { start: 4, end: 9 });
  assert.deepEqual(rangeOf('bytes=-3', 10), { start: 7, end: 9 });
  assert.deepEqual(rangeOf('bytes=-30', 10), { start: 0, end: 9 });
  for (const header of [undefined, '', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b', 'bytes=1-2x']) {
    assert.equal(rangeOf(header, 10), 'all', header);
  }
  for (const header of ['bytes=10-', 'bytes=12-14', 'bytes=6-4', 'bytes=-0']) {
    assert.equal(rangeOf(header, 10), 'none', header);
  }
  assert.equal(rangeOf('bytes=0-', 0), 'none');
});
