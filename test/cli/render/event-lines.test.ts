import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventJson, eventLine } from '../../../src/cli/render/event-lines.ts';
import { createTheme } from '../../../src/cli/render/theme.ts';

const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();
const failed = {
  id: 7,
  at: NOON,
  step: 'run_A',
  from: 'RUNNING',
  to: 'FAILED',
  why: 'exit\u0007 code 3',
} as const;
const noted = { id: 8, at: NOON, step: null, from: null, to: null, why: 'paused by request' };

it('an event is a line', () => {
  const theme = createTheme(false);
  assert.equal(eventLine(failed, theme), '2026-11-22 12:00:00  run_A: RUNNING -> FAILED (exit� code 3)');
  assert.equal(eventLine(noted, theme), '2026-11-22 12:00:00  paused by request');
});

it('an event is an object of JSON that takes one line', () => {
  assert.deepEqual(JSON.parse(eventJson(failed)), { ...failed, at: new Date(NOON).toISOString() });
  assert.doesNotMatch(eventJson({ ...noted, why: 'two\nlines' }), /\n/);
});
