import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findCycles } from '../../../src/shared/spec/cycles.ts';

const graphs = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
  );

/** Whether the nodes can be put in an order in which parents come first. */
function hasOrder(parents: readonly (readonly number[])[]): boolean {
  const placed = new Set<number>();
  for (let before = -1; before < placed.size; ) {
    before = placed.size;
    parents.forEach((of, node) => {
      if (of.every((parent) => placed.has(parent))) placed.add(node);
    });
  }
  return placed.size === parents.length;
}

describe('circles of a graph', () => {
  it('are found where there is no order, and only there', () => {
    fc.assert(fc.property(graphs, (parents) => hasOrder(parents) === (findCycles(parents).length === 0)));
  });

  it('lead from parent to parent back to their first node, and share none', () => {
    fc.assert(
      fc.property(graphs, (parents) => {
        const cycles = findCycles(parents);
        for (const cycle of cycles) {
          cycle.forEach((node, i) => {
            assert.ok(parents[node]?.includes(cycle[(i + 1) % cycle.length]!));
          });
        }
        const nodes = cycles.flat();
        assert.equal(new Set(nodes).size, nodes.length);
      }),
    );
  });

  it('may be long', () => {
    const size = 100_000;
    const ring = Array.from({ length: size }, (_, node) => [(node + 1) % size]);
    assert.equal(findCycles(ring)[0]?.length, size);
    assert.deepEqual(findCycles(ring.map((of, node) => (node === 0 ? [] : of))), []);
  });
});
