import { JOB_STATES, type JobState, type TaskState } from '../../api/tasks.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import type { TaskRow } from './task-row.ts';
import { ENDED_STATES, JOB_TRANSITIONS, TASK_TRANSITIONS } from './task-states.ts';

/** What is set together with the state of a task. */
export interface TaskMove {
  readonly to: TaskState;
  /** Why, as a sentence; absent where the state says it all. */
  readonly reason?: string;
  /** Absent: the same one. */
  readonly run?: number;
  /** Its failed jobs are to run again. */
  readonly wantsRetry?: boolean;
}

/**
 * Takes a task from the state in which it was read to another. Throws where the table of transitions does not
 * know the step, and where the task is not in that state any more: both are mistakes of the program.
 */
export function moveTask(
  store: ClusterStore,
  task: Pick<TaskRow, 'id' | 'name' | 'state' | 'run' | 'endedAs' | 'endedAt'>,
  { to, reason = '', run = task.run, wantsRetry = false }: TaskMove,
  now: number,
): void {
  if (!TASK_TRANSITIONS[task.state].includes(to)) {
    throw new Error(`task ${task.name} cannot become ${to} from ${task.state}`);
  }
  const isToBeRemoved = to === 'to_be_removed' || to === 'to_be_removed_soon';
  const ended = ENDED_STATES.find((state) => state === to);
  const endedAs = isToBeRemoved ? task.endedAs : (ended ?? null);
  const endedAt = isToBeRemoved ? task.endedAt : ended === undefined ? null : now;
  const { changes } = statement(
    store,
    `UPDATE task SET state = ?, state_at = ?, reason = ?, run = ?, seen = CASE WHEN run = ? THEN seen ELSE 0 END,
      wants_retry = ?, ended_as = ?, ended_at = ?
    WHERE id = ? AND state = ?`,
  ).run(to, now, reason, run, run, wantsRetry ? 1 : 0, endedAs, endedAt, task.id, task.state);
  if (changes !== 1) throw new Error(`task ${task.name} is ${task.state} no more`);
}

/** Which jobs of a task are moved together. */
export interface JobSelection {
  /** Default: all states from which the table lets them. */
  readonly from?: readonly JobState[];
  /** Only jobs of lower numbers. */
  readonly below?: number;
}

/** Takes all jobs of a task that may go there to a state, in one statement; answers how many did. */
export function moveJobs(
  store: ClusterStore,
  task: number,
  to: JobState,
  { from, below = Number.MAX_SAFE_INTEGER }: JobSelection = {},
): number {
  const sources = JOB_STATES.filter(
    (state) => JOB_TRANSITIONS[state].includes(to) && (from === undefined || from.includes(state)),
  );
  const forget =
    to === 'registered' || to === 'assigned' ? ', node = NULL, started_at = NULL, ended_at = NULL' : '';
  const sql = `UPDATE job SET state = ?${forget}
    WHERE task = ? AND number < ? AND state IN (SELECT value FROM json_each(?))`;
  return statement(store, sql).run(to, task, below, JSON.stringify(sources)).changes;
}
