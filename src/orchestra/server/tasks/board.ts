import {
  JOB_STATES,
  type Job,
  type JobCounts,
  type JobState,
  MAX_JOBS_SHOWN,
  type Task,
  type TaskDetails,
} from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import type { TaskRow } from './task-row.ts';

type BoardRow = Omit<Task, 'jobs'> & { readonly counts: string | null };

const NO_JOBS = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as JobCounts;

const COUNTS =
  '(SELECT json_group_object(state, jobs) FROM job_count WHERE job_count.task = task.id) AS counts';

/** The tasks of a user with the counts of their jobs, the oldest first. */
export function tasksOf(store: ClusterStore, ownerId: number): Task[] {
  const sql = `SELECT task.name, user.name AS owner, queue, task.state, task.created_at AS createdAt,
      state_at AS stateAt, ${COUNTS}
    FROM task JOIN user ON user.id = task.owner WHERE task.owner = ? ORDER BY task.id`;
  return statement<BoardRow>(store, sql)
    .all(ownerId)
    .map(({ counts, ...task }) => ({ ...task, jobs: countsFrom(counts) }));
}

/** A task as the board shows it. */
export function shownTask(store: ClusterStore, task: TaskRow): Task {
  const { name, owner, queue, state, createdAt, stateAt } = task;
  return { name, owner, queue, state, createdAt, stateAt, jobs: jobCounts(store, task.id) };
}

/** A task with all that is known of it but its jobs. */
export function taskDetails(store: ClusterStore, task: TaskRow): TaskDetails {
  const { exec, image, dataFile, configFile, canaries, run, reason, endedAs, endedAt } = task;
  const rows = statement<{ key: string; dataset: string }>(
    store,
    'SELECT key, dataset FROM task_secondary WHERE task = ? ORDER BY key',
  ).all(task.id);
  return {
    ...shownTask(store, task),
    exec,
    image,
    dataFile,
    configFile,
    secondary: Object.fromEntries(rows.map(({ key, dataset }) => [key, dataset])),
    canaries,
    run,
    reason,
    endedAs,
    endedAt,
  };
}

/** How many jobs of a task are in which state. */
export function jobCounts(store: ClusterStore, task: number): JobCounts {
  const sql = `SELECT ${COUNTS} FROM task WHERE id = ?`;
  return countsFrom(statement<{ counts: string | null }>(store, sql).get(task)?.counts ?? null);
}

/** Which jobs of a task are asked for. */
export interface JobPage {
  /** The first number. */
  readonly from?: number;
  readonly limit?: number;
  readonly state?: JobState;
}

/** Jobs of a task, by their numbers. */
export function jobsOf(
  store: ClusterStore,
  task: number,
  { from = 0, limit = MAX_JOBS_SHOWN, state }: JobPage,
): Job[] {
  const sql = `SELECT number, input, state, node, started_at AS startedAt, ended_at AS endedAt FROM job
    WHERE task = @task AND number >= @from AND (@state IS NULL OR state = @state)
    ORDER BY number LIMIT @limit`;
  return statement<Omit<Job, 'name'>>(store, sql)
    .all({ task, from, state: state ?? null, limit })
    .map((job) => ({ name: jobName(job.number), ...job }));
}

function countsFrom(counts: string | null): JobCounts {
  return { ...NO_JOBS, ...(JSON.parse(counts ?? '{}') as Partial<JobCounts>) };
}
