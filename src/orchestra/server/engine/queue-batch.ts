import type { QueueConfig } from '../config/config.ts';

/** Steps' scripts are read by this shell: the fastest to start that every machine has. */
const SHELL = '/bin/sh';

/** Whether the jobs of a queue run on this machine, and not behind a batch scheduler. */
export function isLocalQueue({ batch }: QueueConfig): boolean {
  return batch === undefined || batch.type === undefined || batch.type === 'local';
}

/** The batch block of the studies of a queue. */
export function batchOf(queue: QueueConfig): Record<string, unknown> {
  const { type = 'local', ...given } = queue.batch ?? {};
  return { ...given, type, shell: SHELL, ...(isLocalQueue(queue) ? { cores: queue.slots } : {}) };
}
