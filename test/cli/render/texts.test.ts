import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { shortPath } from '../../../src/cli/diagnostics.ts';
import { clockText, momentText, spanText } from '../../../src/cli/render/duration.ts';
import { grouped, stepsText } from '../../../src/cli/render/overview.ts';
import { takesColour } from '../../../src/cli/render/theme.ts';
import { quoteForShell } from '../../../src/shared/quote-for-shell.ts';

test('spans are told in their two largest units', () => {
  assert.equal(spanText(0), '0ms');
  assert.equal(spanText(999), '999ms');
  assert.equal(spanText(4_000), '4s');
  assert.equal(spanText(123_000), '2m 3s');
  assert.equal(spanText(93_784_000), '1d 2h');
  assert.equal(spanText(-5), '0ms');
  assert.equal(clockText(999), '0s');
});

test('a moment of today is its time, one of another day has its date', () => {
  const now = new Date(2026, 10, 22, 12, 0, 0).getTime();
  assert.equal(momentText(new Date(2026, 10, 22, 4, 5, 6).getTime(), now), '04:05:06');
  assert.equal(momentText(new Date(2026, 10, 21, 23, 59, 59).getTime(), now), '11-21 23:59:59');
  assert.equal(momentText(new Date(2025, 11, 31, 23, 59, 59).getTime(), now), '2025-12-31 23:59:59');
});

test('large counts are grouped', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(grouped), ['0', '999', '1,000', '1,234,567']);
  assert.deepEqual([1, 2].map(stepsText), ['1 step', '2 steps']);
});

test('a quoted word comes back from the shell as it was', () => {
  assert.equal(quoteForShell('/a/b-c_1.2'), '/a/b-c_1.2');
  const words = fc.array(
    fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '*', '\n', 'é') }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(words, (given) => {
      const script = `printf '%s\\0' ${given.map(quoteForShell).join(' ')}`;
      assert.deepEqual(execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1), given);
    }),
    { numRuns: 30 },
  );
});

test('a path below the current directory is told as the user would type it', () => {
  assert.equal(shortPath('/a/b/s.yaml', '/a'), 'b/s.yaml');
  assert.equal(shortPath('/c/s.yaml', '/a'), '/c/s.yaml');
  assert.equal(shortPath('/a', '/a'), '/a');
});

test('colours are for terminals, unless the user says otherwise', () => {
  const terminal = { isTTY: true };
  assert.ok(takesColour(terminal, {}));
  assert.ok(!takesColour({}, {}));
  assert.ok(!takesColour(terminal, { NO_COLOR: '1' }));
  assert.ok(takesColour(terminal, { NO_COLOR: '' }));
  assert.ok(!takesColour(terminal, { TERM: 'dumb' }));
  assert.ok(takesColour({}, { FORCE_COLOR: '1' }));
  assert.ok(!takesColour(terminal, { FORCE_COLOR: '0' }));
  assert.ok(!takesColour({}, { FORCE_COLOR: '1', NO_COLOR: '1' }));
});
