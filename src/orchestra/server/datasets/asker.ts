import type { FastifyRequest } from 'fastify';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { audit } from '../operation/audit.ts';
import { checkStillActive } from '../users/still-active.ts';

/** Who asks for something, and by which request: what the audit log keeps. */
export interface Asker {
  readonly actor: Actor;
  readonly address: string;
  /** The request's id. */
  readonly request: string;
}

/** Who asks by a request. */
export function askerOf({
  actor,
  request,
}: {
  readonly actor: Actor;
  readonly request: FastifyRequest;
}): Asker {
  return { actor, address: request.ip, request: request.id };
}

/**
 * Puts into the audit log what has been done to a dataset. To be called in the transaction that does it. Throws a Refusal
 * where whoever asked has been deactivated meanwhile, which undoes it.
 */
export function auditDataset(
  cluster: Pick<Cluster, 'store' | 'clock'>,
  { actor, address, request }: Asker,
  action: 'dataset.upload' | 'dataset.delete',
  dataset: string,
): void {
  checkStillActive(cluster.store, actor.name);
  audit(cluster, { actor: actor.name, action, subject: dataset, outcome: 'done', address, request });
}
