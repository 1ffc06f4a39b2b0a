import { withoutOwnJob } from '../own-job.ts';

/** Variables that change what these commands ask for or how they answer; users set them for their own terminals. */
const ANSWER_SHAPING = /^(?:SQUEUE|SACCT|SCANCEL|SCONTROL|SINFO)_/;

/** Variables that would turn one submission into something else: into an array, a wait, a test. */
const SUBMISSION_SHAPING = new Set([
  'SBATCH_ARRAY_INX',
  'SBATCH_WAIT',
  'SBATCH_REQUEUE',
  'SBATCH_NO_REQUEUE',
  'SLURM_EXIT_ERROR',
]);

/** What a command needs of a surrounding job's variables: where the cluster is and who asks. */
const CLUSTER_ACCESS = new Set(['SLURM_CONF', 'SLURM_CONF_SERVER', 'SLURM_CLUSTERS', 'SLURM_JWT']);

/**
 * For commands that ask: plain English, times as Unix seconds, array indexes never shortened, whatever the user
 * has set for the terminal.
 */
export function questionEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...without(own, (name) => ANSWER_SHAPING.test(name)),
    LC_ALL: 'C',
    SLURM_TIME_FORMAT: '%s',
    SLURM_BITSTR_LEN: '0',
  };
}

/**
 * For sbatch, which hands its environment on to the job: nothing of ours is in it. A conductor that runs in a job
 * itself keeps that job's variables to itself too, since srun would take its limits for the new job's.
 */
export function submissionEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isInJob = own.SLURM_JOB_ID !== undefined || own.SLURM_JOBID !== undefined;
  const rest = without(own, (name) => {
    if (SUBMISSION_SHAPING.has(name)) return true;
    return isInJob && name.startsWith('SLURM') && !CLUSTER_ACCESS.has(name);
  });
  return withoutOwnJob(rest);
}

function without(own: NodeJS.ProcessEnv, isUnwanted: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !isUnwanted(name)));
}
