import { Refusal } from '../../refusal.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/**
 * Throws a Refusal `unauthenticated` where whoever asked has been deactivated since the token was looked at: a body may
 * take a minute to come, an upload a day. To be called in the transaction of what was asked. Somebody of whom there is
 * no record, such as the console, passes.
 */
export function checkStillActive(store: ClusterStore, name: string): void {
  const row = statement<{ state: string }>(store, 'SELECT state FROM user WHERE name = ?').get(name);
  if (row?.state === 'inactive') throw new Refusal('unauthenticated', `${name} has been deactivated`);
}
