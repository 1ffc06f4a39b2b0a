import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import type { TaskRun } from './task-plan.ts';

/** A task that has a study which runs, is to run, or is to be ended. */
export interface LiveTask extends TaskRun {
  readonly state: 'testing' | 'running' | 'kill';
  readonly queue: string;
  readonly user: number;
  readonly maxPriority: number;
  readonly canaries: number;
}

/** The live tasks of the cluster, oldest first: one query, however many others there are. */
export function liveTasks({ store }: Pick<Cluster, 'store'>): LiveTask[] {
  return statement<LiveTask>(
    store,
    `SELECT task.id, task.run, task.state, task.queue, task.owner AS user, user.max_priority AS maxPriority,
       task.canaries
     FROM task JOIN user ON user.id = task.owner
     WHERE task.state IN ('testing', 'running', 'kill') ORDER BY task.id`,
  ).all();
}
