/** By these a job script knows the job that it runs in. */
const OWN_JOB = new Set([
  'SLURM_JOB_ID',
  'SLURM_ARRAY_JOB_ID',
  'SLURM_ARRAY_TASK_ID',
  'FLUX_JOB_ID',
  'LSB_JOBID',
  'LSB_JOBINDEX',
  'PBS_JOBID',
  'PBS_ARRAY_INDEX',
]);

/**
 * An environment to hand on to jobs: a conductor may run in a job itself, perhaps of another scheduler, and a job
 * must not take that one for its own.
 */
export function withoutOwnJob(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN_JOB.has(name)));
}
