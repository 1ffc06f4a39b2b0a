import type { NewTask } from '../../api/tasks.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { audited, type Origin } from '../operation/audited.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { knownUser } from '../users/user.ts';
import { type CreatedTask, createTask } from './create-task.ts';
import { deleteTask } from './delete-task.ts';
import { killableTasks, killTask } from './kill-task.ts';
import { retryTask } from './retry-task.ts';
import type { TaskLoop } from './task-loop.ts';
import type { TaskRow } from './task-row.ts';

/**
 * What users order of their tasks, whichever wire it comes by: done at once in the store and audited there, and then
 * carried out by the loop. All throw a Refusal for what may not be.
 */
export interface TaskOrders {
  create(by: Orderer, task: NewTask): CreatedTask;
  retry(by: Orderer, name: string): TaskRow;
  kill(by: Orderer, name: string): TaskRow;
  /** Answers the names of the tasks that are killed. */
  killAll(by: Orderer, owner: string): string[];
  delete(by: Orderer, name: string): void;
}

/** Who orders something, and by which request. */
export interface Orderer {
  readonly actor: Actor;
  readonly origin: Origin;
}

/** The orders that a cluster's tasks take. */
export function taskOrders(cluster: Cluster, loop: TaskLoop): TaskOrders {
  const kill = ({ actor, origin }: Orderer, name: string): TaskRow => {
    const deed = { action: 'task.kill', subject: name };
    const task = audited(cluster, origin, deed, () => killTask(cluster, actor, name));
    loop.wake(task.id);
    return task;
  };
  return {
    create({ actor, origin }, task) {
      // Nothing is made, so there is nothing to keep.
      if (task.dryRun) return createTask(cluster, actor, task);
      const deed = { action: 'task.create', subject: task.name };
      const created = audited(cluster, origin, deed, () => createTask(cluster, actor, task));
      loop.wake(created.id);
      return created;
    },
    retry({ actor, origin }, name) {
      const deed = { action: 'task.retry', subject: name };
      const task = audited(cluster, origin, deed, () => retryTask(cluster, actor, name));
      loop.wake(task.id);
      return task;
    },
    kill,
    killAll(by, owner) {
      mayActFor(by.actor, owner);
      const names = killableTasks(cluster, knownUser(cluster.store, owner).id);
      // All or none: one that cannot be killed would be a mistake of the program.
      cluster.store.transaction(() => names.forEach((name) => void kill(by, name)))();
      return names;
    },
    delete({ actor, origin }, name) {
      const deed = { action: 'task.delete', subject: name };
      audited(cluster, origin, deed, () => deleteTask(cluster, actor, name));
      loop.wake();
    },
  };
}
