import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { datasetByName } from '../datasets/dataset-rows.ts';
import { usableQueues } from '../users/queues.ts';
import { knownUser } from '../users/user.ts';
import { jobCounts } from './board.ts';
import { checkMayUse } from './check-new-task.ts';
import { checkJobQuota } from './plan-jobs.ts';
import { planRemoval } from './removals.ts';
import { datasetsUsedBy, knownTask, type TaskRow, taskById } from './task-row.ts';
import { moveJobs, moveTask } from './transition.ts';

/**
 * Runs a task again: all jobs of a broken or killed one from the start, the failed ones of a finalized one. A task
 * that is to be removed is retried by what it had ended as; one that was done is only taken out of its removal.
 * Throws a Refusal where nothing is to be run again, where a dataset is gone, and where the task is somebody
 * else's or not there.
 */
export function retryTask(cluster: Cluster, actor: Actor, name: string): TaskRow {
  const { store } = cluster;
  return store
    .transaction((): TaskRow => {
      const task = knownTask(store, actor, name);
      retry(cluster, task);
      return taskById(store, task.id)!;
    })
    .immediate();
}

function retry(cluster: Cluster, task: TaskRow): void {
  const { store, clock } = cluster;
  const now = clock.now();
  if (task.endedAs === null) {
    const mend = 'wait until it has ended, or kill it first';
    throw new Refusal('wrong-state', `${task.name} is ${task.state}: it has not ended yet`, mend);
  }
  if (task.endedAs === 'done') {
    if (task.state === 'done') {
      throw new Refusal('wrong-state', `${task.name} is done: none of its jobs has failed`);
    }
    moveTask(store, task, { to: 'done' }, now);
    return;
  }
  checkDatasets(cluster, task);
  checkMayRun(cluster, task);
  if (task.endedAs === 'finalized') {
    moveTask(store, task, { to: 'running', wantsRetry: true }, now);
    moveJobs(store, task.id, 'assigned', { from: ['failed'] });
    return;
  }
  planRemoval(store, task);
  moveTask(store, task, { to: 'registered', run: task.run + 1 }, now);
  moveJobs(store, task.id, 'registered');
}

/** What its owner may do is what counts now: the queue may have been taken away, and other jobs may run meanwhile. */
function checkMayRun(cluster: Cluster, task: TaskRow): void {
  const { store, config } = cluster;
  const owner = knownUser(store, task.owner);
  checkMayUse(usableQueues(store, config, owner.id), owner.name, task.queue);
  const { failed, ...others } = jobCounts(store, task.id);
  const all = Object.values(others).reduce((sum, count) => sum + count, failed);
  checkJobQuota(cluster, owner, task.endedAs === 'finalized' ? failed : all);
}

/** While a task has not ended its datasets cannot be deleted; this one had. */
function checkDatasets({ store }: Cluster, task: TaskRow): void {
  const missing = datasetsUsedBy(store, task).find((name) => datasetByName(store, name) === undefined);
  if (missing === undefined) return;
  const mend = 'upload it again: maestro castor upload';
  throw new Refusal('not-found', `the dataset ${missing} of ${task.name} has been deleted`, mend);
}
