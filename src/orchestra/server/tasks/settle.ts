import type { JobCounts, JobState, TaskState } from '../../api/tasks.ts';
import type { JobPhase } from '../engine/job-observation.ts';
import { JOB_TRANSITIONS, OPEN_JOB_STATES } from './task-states.ts';

/** What a task's end is decided by. */
export interface TaskStanding {
  readonly state: TaskState;
  /** Of all its jobs. */
  readonly jobs: JobCounts;
  /** States of the jobs that are tested before the others. */
  readonly canaries: readonly JobState[];
  /** Its study has ended: nothing of it runs or will run. */
  readonly hasEnded: boolean;
}

/**
 * What a job becomes by what its study says of it, or the state that it has where nothing changes. While a task is
 * tested only its canaries may run.
 */
export function jobStateSeen(
  state: JobState,
  phase: JobPhase,
  task: { readonly state: TaskState; readonly isCanary: boolean },
): JobState {
  const seen = stateOfPhase(phase, task);
  return seen !== state && JOB_TRANSITIONS[state].includes(seen) ? seen : state;
}

function stateOfPhase(
  phase: JobPhase,
  { state, isCanary }: { readonly state: TaskState; readonly isCanary: boolean },
): JobState {
  switch (phase) {
    case 'waiting':
      if (state === 'kill') return 'kill';
      return state === 'testing' && !isCanary ? 'registered' : 'assigned';
    case 'running':
      if (state === 'kill') return 'kill';
      return state === 'testing' && isCanary ? 'testing' : 'running';
    case 'done':
    case 'failed':
      return phase;
    case 'cancelled':
      // What nobody has killed here was cancelled behind the cluster's back.
      return state === 'kill' ? 'killed' : 'failed';
  }
}

/** Where a task goes from here by what its jobs have come to; undefined where it stays. */
export function nextTaskState({ state, jobs, canaries, hasEnded }: TaskStanding): TaskState | undefined {
  switch (state) {
    case 'testing':
      if (canaries.some((job) => job === 'failed' || job === 'killed')) return 'broken';
      return canaries.every((job) => job === 'done') ? 'running' : undefined;
    case 'running':
      if (OPEN_JOB_STATES.some((open) => jobs[open] > 0)) return undefined;
      return jobs.failed === 0 ? 'done' : 'finalized';
    case 'kill':
      return hasEnded ? 'killed' : undefined;
    default:
      return undefined;
  }
}
