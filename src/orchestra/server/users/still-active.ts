import { Refusal } from '../../refusal.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/** Whether this is the name of a user who has been deactivated. */
export function isDeactivated(store: ClusterStore, name: string): boolean {
  const row = statement<{ state: string }>(store, 'SELECT state FROM user WHERE name = ?').get(name);
  return row?.state === 'inactive';
}

/**
 * Throws a Refusal `unauthenticated` where whoever asked has been deactivated since the token was looked at: a body may
 * take a minute to come, an upload a day. To be called in the transaction of what was asked.
 */
export function checkStillActive(store: ClusterStore, name: string): void {
  if (isDeactivated(store, name)) throw new Refusal('unauthenticated', `${name} has been deactivated`);
}
