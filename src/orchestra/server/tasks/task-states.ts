import type { JobState, TaskState } from '../../api/tasks.ts';

/**
 * The one table of a task's transitions. A retry starts a broken or killed task over, has the failed jobs of a
 * finalized one run again, and takes one that is done out of its removal, which depends on what a task that is to be
 * removed has ended as.
 */
export const TASK_TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  registered: ['testing', 'running', 'broken', 'kill'],
  testing: ['running', 'broken', 'kill'],
  running: ['done', 'finalized', 'kill'],
  kill: ['killed'],
  done: ['to_be_removed'],
  finalized: ['running', 'to_be_removed'],
  broken: ['registered', 'to_be_removed'],
  killed: ['registered', 'to_be_removed'],
  to_be_removed: ['registered', 'running', 'done', 'to_be_removed_soon'],
  to_be_removed_soon: ['registered', 'running', 'done'],
};

/** What is seen of jobs may skip states: a job that was quick is first seen when it has ended. */
const ENDS = ['done', 'failed', 'broken', 'kill'] as const;

/**
 * The one table of a job's transitions. A job begins again as `registered` where its task starts over, and as
 * `assigned` where it is one of the failed that run again.
 */
export const JOB_TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  registered: ['assigned', 'testing', 'running', ...ENDS],
  assigned: ['testing', 'running', ...ENDS],
  testing: ['assigned', 'running', ...ENDS],
  running: ['assigned', ...ENDS],
  kill: ['killed', 'done', 'failed'],
  done: ['registered', 'broken'],
  failed: ['registered', 'assigned', 'broken'],
  broken: ['registered'],
  killed: ['registered'],
};

/** States in which a task has ended, and what it has ended as. */
export const ENDED_STATES = ['broken', 'done', 'finalized', 'killed'] as const;
/** What a task has ended as. */
export type EndedState = (typeof ENDED_STATES)[number];

/** States of tasks that the cluster still works on, or will. */
export const ACTIVE_STATES = ['registered', 'testing', 'running', 'kill'] as const;

/** States of jobs that count against a user's quota: they wait or run. */
export const OPEN_JOB_STATES = ['registered', 'assigned', 'testing', 'running', 'kill'] as const;

/** Whether a task in this state has ended and may be deleted. */
export function hasEnded(state: TaskState): boolean {
  return !(ACTIVE_STATES as readonly TaskState[]).includes(state);
}

/** Whether a task may be killed, which is what has not ended and is not being killed. */
export function isKillable(state: TaskState): boolean {
  return TASK_TRANSITIONS[state].includes('kill');
}

/** Whether a job in this state will change no more by itself. */
export function isJobOver(state: JobState): boolean {
  return !(OPEN_JOB_STATES as readonly JobState[]).includes(state);
}
