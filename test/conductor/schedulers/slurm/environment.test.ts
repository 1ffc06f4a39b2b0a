import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  questionEnvironment,
  submissionEnvironment,
} from '../../../../src/conductor/schedulers/slurm/environment.ts';

test('questions are asked in plain English with times in seconds, whatever the terminal prefers', () => {
  const own = {
    PATH: '/bin',
    LC_ALL: 'de_DE',
    SQUEUE_FORMAT: '%i',
    SCANCEL_INTERACTIVE: '1',
    SACCT_FORMAT: 'x',
  };
  assert.deepEqual(questionEnvironment({ ...own, SLURM_CONF: '/c', SLURM_TIME_FORMAT: 'relative' }), {
    PATH: '/bin',
    SLURM_CONF: '/c',
    LC_ALL: 'C',
    SLURM_TIME_FORMAT: '%s',
    SLURM_BITSTR_LEN: '0',
  });
});

test('a job gets the environment as it is: nothing of ours, nothing that makes another submission of it', () => {
  const own = { PATH: '/bin', LC_ALL: 'de_DE', SLURM_CONF: '/c', SBATCH_ACCOUNT: 'physics' };
  assert.deepEqual(submissionEnvironment({ ...own, SBATCH_WAIT: '1', SBATCH_ARRAY_INX: '0-9' }), own);
});

test('a conductor in a job does not hand on what that job has', () => {
  const surrounding = {
    SLURM_JOB_ID: '5',
    SLURM_MEM_PER_CPU: '64',
    SLURM_ARRAY_TASK_ID: '3',
    SLURMD_NODENAME: 'n',
  };
  const access = { PATH: '/bin', SLURM_CONF: '/c', SLURM_JWT: 'x' };
  assert.deepEqual(submissionEnvironment({ ...surrounding, ...access }), access);
  assert.deepEqual(submissionEnvironment({ PBS_ARRAY_INDEX: '3', ...access }), access);
});
