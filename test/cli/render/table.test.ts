import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Column, tableLines } from '../../../src/cli/render/table.ts';
import { createTheme } from '../../../src/cli/render/theme.ts';
import { widthOf } from '../../../src/cli/render/width.ts';

const COLUMNS: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'State' },
  { header: 'Run', align: 'right' },
];

const ROWS = [
  ['compile', 'FINISHED', '2s'],
  ['simulate_SIZE.10.ITERATIONS.200', 'RUNNING', '1m 12s'],
];

const theme = createTheme(false);
const table = (width?: number): string => [...tableLines(COLUMNS, ROWS, { theme, width })].join('\n');

test('without a width nothing wraps, numbers end at one column, and no line ends in spaces', () => {
  assert.equal(
    table(),
    `\
Step                             State        Run
───────────────────────────────  ────────  ──────
compile                          FINISHED      2s
simulate_SIZE.10.ITERATIONS.200  RUNNING   1m 12s`,
  );
});

test('where room is scarce elastic columns wrap and the others stay whole', () => {
  assert.equal(
    table(32),
    `\
Step             State       Run
──────────────── ──────── ──────
compile          FINISHED     2s
simulate_SIZE.   RUNNING  1m 12s
10.ITERATIONS.
200`,
  );
});

test('a table that fits exactly is not touched', () => {
  assert.equal(table(49), table());
  assert.notEqual(table(48), table());
});

test('where elastic columns cannot give enough all columns wrap', () => {
  const lines = table(14).split('\n');
  for (const line of lines) assert.ok(widthOf(line) <= 14, line);
  assert.ok(lines.some((line) => line.includes('FINI')));
});

test('only what is there is painted: the parts of a wrapped cell, not the blanks below it', () => {
  const painted = [
    ...tableLines(COLUMNS, ROWS, {
      theme,
      width: 32,
      paint: (text, row, column) => (row === 1 && column === 1 ? `<${text}>` : text),
    }),
  ];
  assert.deepEqual(
    painted.filter((line) => line.includes('<')),
    ['simulate_SIZE.   <RUNNING > 1m 12s'],
  );
});

test('no line is wider than the terminal, whatever stands in the cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '_', '温', '7', '.'), maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }),
      fc.integer({ min: 12, max: 90 }),
      (rows, width) => {
        for (const line of tableLines(COLUMNS, rows, { theme, width })) {
          assert.ok(widthOf(line) <= width, line);
        }
      },
    ),
  );
});
