import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEMPORARY_REFUSAL } from '../../../src/conductor/schedulers/batch-bounds.ts';

test('a full or closed queue is waited for, in the words of every scheduler', () => {
  for (const words of [
    'sbatch: error: QOSMaxSubmitJobPerUserLimit',
    'sbatch: error: Required partition not available (inactive or drain)',
    'qsub: Queue is not enabled',
    'qsub: submit error (Queue is not enabled MSG=queue is disabled: user ada@login, queue batch)',
    'qsub: Maximum number of jobs already in queue',
    "qsub: would exceed queue generic's per-user limit",
    "User's pending job slot limit reached. Job not submitted.",
    'Pending job threshold reached. Retrying in 60 seconds...',
    'Queue has been closed. Job not submitted.',
    'flux-submit: ERROR: [Errno 22] job submission to batch is disabled: maintenance',
  ])
    assert.match(words, TEMPORARY_REFUSAL);
});

test('what is wrong with the job itself counts as a try', () => {
  for (const words of [
    'sbatch: error: invalid partition specified: nowhere',
    'sbatch: error: Requested time limit is invalid (missing or exceeds some limit)',
    'qsub: Unknown queue',
    'qsub: Job violates queue and/or server resource limits',
    'No such queue. Job not submitted.',
    "RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.",
    'flux-submit: ERROR: [Errno 22] Invalid queue specified: nowhere',
  ])
    assert.doesNotMatch(words, TEMPORARY_REFUSAL);
});
