import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { audit } from '../operation/audit.ts';
import type { Origin } from '../operation/audited.ts';
import { knownTask, type TaskRow, taskById, tasksOfOwner } from './task-row.ts';
import { isKillable } from './task-states.ts';
import { moveJobs, moveTask } from './transition.ts';

/**
 * Has a task killed: its jobs that have not ended are ended, and no more are started. One that is being killed
 * already stays so. Throws a Refusal where it has ended, is somebody else's, or is not there.
 */
export function killTask(cluster: Cluster, actor: Actor, name: string): TaskRow {
  const { store } = cluster;
  return store
    .transaction((): TaskRow => {
      const task = knownTask(store, actor, name);
      if (task.state === 'kill') return task;
      if (!isKillable(task.state)) {
        throw new Refusal('wrong-state', `${name} is ${task.state}: there is nothing to kill`);
      }
      kill(cluster, task);
      return taskById(store, task.id)!;
    })
    .immediate();
}

/** The tasks of a user that may be killed, by their names. */
export function killableTasks({ store }: Cluster, ownerId: number): string[] {
  return tasksOfOwner(store, ownerId)
    .filter(({ state }) => isKillable(state))
    .map(({ name }) => name);
}

/**
 * Has all tasks of a user killed that have not ended, each with its line in the audit log; answers their names. To be
 * called in the transaction that says why.
 */
export function killTasksOf(cluster: Cluster, origin: Origin, ownerId: number): string[] {
  const tasks = tasksOfOwner(cluster.store, ownerId).filter(({ state }) => isKillable(state));
  for (const task of tasks) {
    kill(cluster, task);
    audit(cluster, { ...origin, action: 'task.kill', subject: task.name, outcome: 'done' });
  }
  return tasks.map(({ name }) => name);
}

function kill({ store, clock }: Cluster, task: TaskRow): void {
  moveTask(store, task, { to: 'kill' }, clock.now());
  moveJobs(store, task.id, 'kill');
}
