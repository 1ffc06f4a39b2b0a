import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { removeOutputDataset } from '../datasets/output-dataset.ts';
import { statement } from '../state/statement.ts';
import { planRemoval } from './removals.ts';
import { knownTask, type TaskRow, taskThatUses } from './task-row.ts';
import { hasEnded } from './task-states.ts';

/**
 * Deletes a task that has ended, with its outputs; its study goes when there is time. Throws a Refusal where it has not ended, where another task that has not ended
 * uses its outputs, and where it is somebody else's or not there.
 */
export function deleteTask(cluster: Cluster, actor: Actor, name: string): void {
  const { store } = cluster;
  store
    .transaction(() => {
      const task = knownTask(store, actor, name);
      if (!hasEnded(task.state)) {
        const mend = 'kill it first: maestro task kill';
        throw new Refusal('wrong-state', `${name} is ${task.state}: it has not ended yet`, mend);
      }
      const user = taskThatUses(store, name);
      if (user !== undefined) {
        throw new Refusal('in-use', `${user} uses the outputs of ${name}`, 'wait until it has ended');
      }
      removeTask(cluster, task);
    })
    .immediate();
}

/** Removes an ended task and its outputs. To be called in a transaction, as the last thing in it. */
export function removeTask(cluster: Cluster, task: TaskRow): void {
  const { store } = cluster;
  planRemoval(store, task);
  statement(store, 'DELETE FROM task WHERE id = ?').run(task.id);
  removeOutputDataset(cluster, task.name);
}
