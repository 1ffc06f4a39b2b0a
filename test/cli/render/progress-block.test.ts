import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, type ProgressView, progressLines, rateText } from '../../../src/cli/render/progress-block.ts';
import { createTheme } from '../../../src/cli/render/theme.ts';
import { widthOf } from '../../../src/cli/render/width.ts';
import type { StepState } from '../../../src/shared/state/states.ts';

const theme = createTheme(false);

const VIEW: ProgressView = {
  name: 'heat',
  directory: '/studies/heat',
  counts: new Map<StepState, number>([
    ['RUNNING', 8],
    ['FINISHED', 990],
    ['FAILED', 10],
    ['INITIALIZED', 992],
  ]),
  total: 2000,
  elapsedMs: 4_000,
  pace: { ended: 500, ms: 2000 },
  failures: [{ name: 'run_N.3', state: 'FAILED', why: 'exit code 1' }],
};

test('the block tells how far, how fast, how long, and what failed', () => {
  assert.deepEqual(progressLines(VIEW, 80, theme), [
    `heat ${'━'.repeat(20)}${'─'.repeat(20)} 50 %`,
    '  1,000 of 2,000 steps · 250/s · 4s · about 4s left',
    '  INITIALIZED 992 · RUNNING 8 · FINISHED 990 · FAILED 10',
    '  /studies/heat',
    '  FAILED run_N.3: exit code 1',
  ]);
});

test('before anything has ended there is no pace to tell', () => {
  const [, facts] = progressLines(
    { ...VIEW, pace: undefined, counts: new Map([['INITIALIZED', 2000]]) },
    80,
    theme,
  );
  assert.equal(facts, '  0 of 2,000 steps · 4s');
});

test('long names, reasons and directories are cut to the terminal', () => {
  const long = 'x'.repeat(200);
  const view = {
    ...VIEW,
    name: long,
    directory: `/${long}`,
    failures: [{ name: long, state: 'FAILED' as const, why: long }],
  };
  for (const line of progressLines(view, 80, theme)) assert.ok(widthOf(line) <= 80, line);
});

test('the bar is full only at the end, and failures have their share of it', () => {
  const marked = { ...theme, error: (text: string) => '!'.repeat(text.length) };
  assert.equal(bar(0.999, 0, theme), `${'━'.repeat(39)}─`);
  assert.equal(bar(1, 0, theme), '━'.repeat(40));
  assert.equal(bar(1, 0.001, marked), `${'━'.repeat(39)}!`);
  assert.equal(bar(1, 1, marked), '!'.repeat(40));
  assert.equal(bar(0, 0, theme), '─'.repeat(40));
});

test('rates are told by the unit in which they are at least one', () => {
  assert.equal(rateText({ ended: 412, ms: 1000 }), '412/s');
  assert.equal(rateText({ ended: 25, ms: 10_000 }), '2.5/s');
  assert.equal(rateText({ ended: 1, ms: 4_000 }), '15/min');
  assert.equal(rateText({ ended: 3, ms: 3_600_000 }), '3/h');
});
