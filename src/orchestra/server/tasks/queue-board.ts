import type { JobState, QueuedJob } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import { priorityOf } from './priority.ts';

/** Shown of a queue: what runs, and of what waits the next ones. */
const JOBS_SHOWN = 1_000;

interface QueueRow {
  readonly user: string;
  readonly task: string;
  readonly number: number;
  readonly state: JobState;
  readonly maxPriority: number;
  /** The user's jobs that are assigned or running, in all queues. */
  readonly load: number;
  /** Among the user's assigned jobs in all queues, from 0; of jobs that run already it says nothing. */
  readonly rank: number;
}

/** Of each user no more than can be shown at all: priorities fall within a user's jobs. */
const ROWS = `
WITH open AS (
  SELECT task.owner, task.name AS task, task.queue, job.number, job.state,
    row_number() OVER (PARTITION BY task.owner, job.state = 'assigned' ORDER BY task.id, job.number) - 1 AS rank,
    count(*) OVER (PARTITION BY task.owner) AS load
  FROM job JOIN task ON task.id = job.task
  WHERE job.state IN ('assigned', 'testing', 'running', 'kill')
)
SELECT user.name AS user, open.task, open.number, open.state, user.max_priority AS maxPriority, open.load, open.rank
FROM open JOIN user ON user.id = open.owner
WHERE open.queue = ? AND (open.state <> 'assigned' OR open.rank < ?)`;

/** The jobs of a queue: those that run, then those that wait, the next one first. */
export function jobsOfQueue(store: ClusterStore, queue: string): QueuedJob[] {
  return statement<QueueRow>(store, ROWS)
    .all(queue, JOBS_SHOWN)
    .map(({ user, task, number, state, maxPriority, load, rank }) => ({
      user,
      queue,
      task,
      job: jobName(number),
      priority: state === 'assigned' ? priorityOf(maxPriority, load, rank) : null,
      state,
    }))
    .sort((a, b) => (b.priority ?? Number.POSITIVE_INFINITY) - (a.priority ?? Number.POSITIVE_INFINITY) || 0)
    .slice(0, JOBS_SHOWN);
}
