import type { Cluster } from '../cluster.ts';
import type { QueueConfig } from '../config/config.ts';
import { type RuntimeWatch, type TryRuntimes, watchRuntimes } from '../containers/runtime-watch.ts';
import { lackOfDisk } from '../operation/disk.ts';
import { watchSchedulers } from './scheduler-watch.ts';

/** What keeps queues from running jobs. */
export interface QueueHealth {
  readonly runtimes: RuntimeWatch;
  /**
   * Whether jobs may be started in a queue: each would fail at once without a runtime. A scheduler that is down is no
   * reason, since conductors bear with it.
   */
  isOpen(queue: QueueConfig): boolean;
  /** Why a queue cannot run anything now, as a sentence; undefined where it can. */
  troubleOf(queue: string): string | undefined;
  close(): Promise<void>;
}

/** Watches all that queues need. `onChange` is called when it has become another thing what may be started. */
export function watchHealth(cluster: Cluster, tryRuntimes: TryRuntimes, onChange: () => void): QueueHealth {
  const runtimes = watchRuntimes(cluster, tryRuntimes, onChange);
  const schedulers = watchSchedulers(cluster);
  const lackFor = (queue: QueueConfig): string | undefined =>
    lackOfDisk(cluster) ?? runtimes.troubleOf(queue);
  return {
    runtimes,
    isOpen: (queue) => lackFor(queue) === undefined,
    troubleOf(name) {
      const queue = cluster.config.queues.find((candidate) => candidate.name === name);
      return queue && (lackFor(queue) ?? schedulers.troubleOf(queue));
    },
    async close() {
      await Promise.all([runtimes.close(), schedulers.close()]);
    },
  };
}
