import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { isDeactivated } from '../users/still-active.ts';
import { audit, CONSOLE, type Deed } from './audit.ts';

/** Who asks for a deed, from where, by which request. */
export type Origin = Pick<Deed, 'actor' | 'address' | 'request'>;

/** Whoever sits at the server. */
export const AT_CONSOLE: Origin = { actor: CONSOLE, address: '', request: '' };

/** The origin of what a user asks for by a request. */
export function originOf(actor: Pick<Actor, 'name'>, request: Pick<FastifyRequest, 'ip' | 'id'>): Origin {
  return { actor: actor.name, address: request.ip, request: request.id };
}

/**
 * Changes the store and audits that in one transaction. Where the change is refused, nothing of it is left but
 * the line in the audit log that says for what reason. Throws a Refusal where the actor has been deactivated meanwhile.
 */
export function audited<Result>(
  cluster: Pick<Cluster, 'store' | 'clock'>,
  origin: Origin,
  deed: Pick<Deed, 'action' | 'subject'>,
  change: () => Result,
): Result {
  try {
    // At once for writing: one that reads first could not write any more once a console command has written.
    return cluster.store
      .transaction(() => {
        const mayNot = origin.actor !== CONSOLE && isDeactivated(cluster.store, origin.actor);
        // What the change itself has to say against it is more to the point, as where somebody logs in.
        const result = change();
        if (mayNot) throw new Refusal('unauthenticated', `${origin.actor} has been deactivated`);
        audit(cluster, { ...origin, ...deed, outcome: 'done' });
        return result;
      })
      .immediate();
  } catch (error) {
    if (error instanceof Refusal) audit(cluster, { ...origin, ...deed, outcome: error.code });
    throw error;
  }
}
