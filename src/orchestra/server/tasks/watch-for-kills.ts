import type { Cluster } from '../cluster.ts';
import type { TaskLoop } from './task-loop.ts';
import { tasksIn } from './task-row.ts';

/** How long an order from the console may wait until somebody looks, in milliseconds. */
const LOOK_MS = 2_000;

/**
 * Wakes the loop for tasks that are to be killed: a command at the console, which orders it in the store, cannot.
 * The function that it returns ends that.
 */
export function watchForKills({ store, clock, log }: Cluster, loop: Pick<TaskLoop, 'wake'>): () => void {
  let takeBack = (): void => {};
  const look = (): void => {
    try {
      for (const { id } of tasksIn(store, ['kill'])) loop.wake(id);
    } catch (err) {
      log.error({ err }, 'whether tasks are to be killed could not be read');
    }
    takeBack = clock.after(LOOK_MS, look);
  };
  look();
  return () => takeBack();
}
