import type { Cluster } from '../cluster.ts';
import { audit, CONSOLE } from '../operation/audit.ts';
import { removeTask } from './delete-task.ts';
import { mailOwner } from './mail-owner.ts';
import { reapingStep } from './reaping.ts';
import { type TaskRow, tasksIn, taskThatUses } from './task-row.ts';
import { ENDED_STATES } from './task-states.ts';
import { moveTask } from './transition.ts';

/**
 * Takes tasks that ended long ago a step towards their removal, each with its mail, or removes them with their
 * outputs; a task whose outputs another one is using stays. Each in a transaction of its own.
 */
export function reapTasks(cluster: Cluster): void {
  const { store, config, clock } = cluster;
  for (const task of tasksIn(store, [...ENDED_STATES, 'to_be_removed', 'to_be_removed_soon'])) {
    if (reapingStep(task, config.reaping, clock.now()) !== undefined) {
      store.transaction(() => reap(cluster, task)).immediate();
    }
  }
}

function reap(cluster: Cluster, task: TaskRow): void {
  const { store, config, clock } = cluster;
  const step = reapingStep(task, config.reaping, clock.now());
  if (step === undefined) return;
  if (step !== 'removed') {
    moveTask(store, task, { to: step }, clock.now());
    mailOwner(cluster, task, step, '');
    return;
  }
  if (taskThatUses(store, task.name) !== undefined) return;
  audit(cluster, {
    actor: CONSOLE,
    action: 'task.reap',
    subject: task.name,
    outcome: 'done',
    address: '',
    request: '',
  });
  removeTask(cluster, task);
}
