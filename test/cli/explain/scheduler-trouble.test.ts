import assert from 'node:assert/strict';
import { it } from 'node:test';
import { schedulerTrouble } from '../../../src/cli/explain/scheduler-trouble.ts';

const SILENT = '[2026-11-22 04:45:52: WARNING] the scheduler does not answer: squeue: timed out: 5 s';
const BACK = '[2026-11-22 04:55:52: INFO] the scheduler answers again, after 600 s';

it('the newest word about a scheduler counts', () => {
  assert.equal(schedulerTrouble([]), undefined);
  assert.equal(schedulerTrouble([SILENT, 'something else']), 'squeue: timed out: 5 s');
  assert.equal(schedulerTrouble([SILENT, BACK]), undefined);
  assert.equal(schedulerTrouble([BACK, SILENT]), 'squeue: timed out: 5 s');
});
