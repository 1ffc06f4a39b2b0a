import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { knownUser } from '../users/user.ts';

/** Whose things a page is to show: the reader's own, or, to an administrator, another's. */
export function ownerAsked(
  { store }: Pick<Cluster, 'store'>,
  actor: Actor,
  name: string | undefined,
): Pick<Actor, 'id' | 'name'> {
  if (name === undefined || name === actor.name) return actor;
  mayActFor(actor, name);
  return knownUser(store, name);
}
