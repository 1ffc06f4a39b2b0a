import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllocation } from '../../../../src/shared/study/script/allocation.ts';

test('nodes and procs stand in any order, and nodes may be left out', () => {
  const forms: [string, number | undefined, number][] = [
    ['2n, 4p', 2, 4],
    ['4p,2n', 2, 4],
    ['4p', undefined, 4],
    [' 1n ,\t2p ', 1, 2],
    ['08p', undefined, 8],
    ['2, 4', 2, 4],
    ['1,2', 1, 2],
  ];
  for (const [inside, nodes, procs] of forms) {
    assert.deepEqual(parseAllocation(inside), { kind: 'share', nodes, procs }, inside);
  }
});

test('each mistake is told apart', () => {
  const mistakes: [string, RegExp][] = [
    ['2n', /gives no procs/],
    ['2p, 3p', /procs \(p\) twice/],
    ['1n, 2n, 3p', /nodes \(n\) twice/],
    ['0p', /asks for nothing/],
    ['0n, 4p', /asks for nothing/],
    ['0, 4', /asks for nothing/],
    ['', /no allocation/],
    ['abc', /no allocation/],
    ['4', /no allocation/],
    ['2, 4p', /no allocation/],
    ['2, 4, 6', /no allocation/],
    ['2n 4p', /no allocation/],
    ['2n, 4p,', /no allocation/],
    ['-1n, 4p', /no allocation/],
    ['1.5n, 4p', /no allocation/],
    ['$(NODES)n, 4p', /no allocation/],
    ['9999999999p', /no allocation/],
  ];
  for (const [inside, what] of mistakes) {
    const allocation = parseAllocation(inside);
    assert.equal(allocation.kind, 'mistake', inside);
    if (allocation.kind === 'mistake') assert.match(allocation.what, what, inside);
  }
});

test('any two amounts come back as they were written, in either form', () => {
  const amount = fc.integer({ min: 1, max: 999_999_999 });
  fc.assert(
    fc.property(amount, amount, (nodes, procs) => {
      const expected = { kind: 'share', nodes, procs };
      assert.deepEqual(parseAllocation(`${nodes}n, ${procs}p`), expected);
      assert.deepEqual(parseAllocation(`${procs}p,${nodes}n`), expected);
      assert.deepEqual(parseAllocation(`${nodes}, ${procs}`), expected);
    }),
  );
});

test('no text makes it throw, and every share holds at least one process', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9np, ]{0,12}$/));
  fc.assert(
    fc.property(texts, (inside) => {
      const allocation = parseAllocation(inside);
      if (allocation.kind === 'share') assert.ok(allocation.procs >= 1 && (allocation.nodes ?? 1) >= 1);
    }),
  );
});
