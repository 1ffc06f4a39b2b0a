import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { priorityOf } from '../../../../src/orchestra/server/tasks/priority.ts';

it('the priority falls by a fifth for each job that is assigned or running, and for each assigned one before', () => {
  assert.equal(priorityOf(100, 0, 0), 100);
  assert.equal(priorityOf(100, 5, 0), 99);
  assert.equal(priorityOf(100, 5, 5), 98);
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(10_000), fc.nat(10_000), (max, load, rank) => {
      assert.ok(priorityOf(max, load, rank) > priorityOf(max, load, rank + 1));
      assert.ok(priorityOf(max, load, rank) > priorityOf(max, load + 1, rank));
    }),
  );
});
