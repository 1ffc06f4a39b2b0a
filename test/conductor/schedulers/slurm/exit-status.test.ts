import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitOfText, exitOfWaitStatus } from '../../../../src/conductor/schedulers/slurm/exit-status.ts';

for (const [text, waitStatus, exit] of [
  ['0:0', '0', { code: 0 }],
  ['3:0', '768', { code: 3 }],
  ['255:0', '65280', { code: 255 }],
  ['0:9', '9', { signal: 9 }],
  ['0:15', '15', { signal: 15 }],
  // What stands in the signal's place where no signal was: no output file, out of memory.
  ['0:53', '4021', undefined],
  ['0:125', '125', undefined],
  ['', '', undefined],
  ['N/A', 'N/A', undefined],
] as const) {
  test(`sacct's ${text || 'nothing'} and squeue's ${waitStatus || 'nothing'} are ${JSON.stringify(exit)}`, () => {
    assert.deepEqual(exitOfText(text), exit);
    assert.deepEqual(exitOfWaitStatus(waitStatus), exit);
  });
}
