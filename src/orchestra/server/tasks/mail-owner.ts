import type { Cluster } from '../cluster.ts';
import { putIntoOutbox } from '../mail/outbox.ts';
import { userById } from '../users/user.ts';
import { jobCounts } from './board.ts';
import { type TaskNews, taskMail } from './task-mail.ts';
import type { TaskRow } from './task-row.ts';

/** Writes to a task's owner what has become of it, in the transaction in which it has. */
export function mailOwner(cluster: Cluster, task: TaskRow, state: TaskNews['state'], reason: string): void {
  const { store, config } = cluster;
  const email = userById(store, task.ownerId)?.email ?? '';
  const { name, owner } = task;
  putIntoOutbox(
    cluster,
    email,
    taskMail({ name, owner, state, reason, jobs: jobCounts(store, task.id) }, config),
  );
}
