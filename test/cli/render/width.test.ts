import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { padTo, printable, truncateTo, widthOf, wrapTo } from '../../../src/cli/render/width.ts';

test('wide characters take two columns, combining marks none', () => {
  assert.equal(widthOf('abc'), 3);
  assert.equal(widthOf('温度'), 4);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(padTo('温', 4), '温  ');
  assert.equal(padTo('7', 3, 'right'), '  7');
});

test('a text is cut only where it does not fit', () => {
  assert.equal(truncateTo('abc', 3), 'abc');
  assert.equal(truncateTo('abcd', 3), 'ab…');
  assert.equal(truncateTo('温度計', 4), '温…');
  assert.equal(truncateTo('abc', 0), '');
});

test('lines break behind a separator where there is one late enough', () => {
  assert.deepEqual(wrapTo('run_SIZE.10.ITER.20', 12), ['run_SIZE.10.', 'ITER.20']);
  assert.deepEqual(wrapTo('a_bcdefghij', 6), ['a_bcde', 'fghij']);
  assert.deepEqual(wrapTo('2026-11-22 04:45:52', 10), ['2026-11-22', '04:45:52']);
  assert.deepEqual(wrapTo('', 5), ['']);
});

test('wrapping loses nothing but spaces at line ends, and no line is too wide', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'B', '_', '.', '/', ' ', '温', 'é', '👩‍🔬'),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 20 }), (given, width) => {
      const lines = wrapTo(given, width);
      assert.equal(lines.join('').replaceAll(' ', ''), given.replaceAll(' ', ''));
      for (const line of lines) assert.ok(widthOf(line) <= width, JSON.stringify(lines));
    }),
  );
});

test('a width too small for a character gives it a line of its own', () => {
  assert.deepEqual(wrapTo('温度', 1), ['温', '度']);
});

test('control characters never reach the terminal', () => {
  assert.equal(printable('a\x1b[31mb\nc'), 'a�[31mb�c');
  assert.equal(printable('温度 é'), '温度 é');
});
