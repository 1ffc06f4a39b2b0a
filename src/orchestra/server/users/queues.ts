import { Refusal } from '../../refusal.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { ClusterStore } from '../state/store.ts';
import { givenQueues } from './user.ts';

/** The queues that a user may use: those that it was given, else those that are open to everybody. */
export function usableQueues(store: ClusterStore, config: ClusterConfig, user: number): string[] {
  const given = new Set(givenQueues(store, user));
  return config.queues
    .filter(({ name, open = true }) => (given.size === 0 ? open : given.has(name)))
    .map(({ name }) => name);
}

/** Throws a Refusal where one of these queues is not in the configuration. */
export function checkQueues(config: ClusterConfig, queues: readonly string[]): void {
  const known = config.queues.map(({ name }) => name);
  const unknown = queues.find((queue) => !known.includes(queue));
  if (unknown === undefined) return;
  throw new Refusal('not-found', `there is no queue ${unknown}`, `there are ${known.join(', ')}`);
}
