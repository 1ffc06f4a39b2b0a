import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { actorOfToken } from './tokens.ts';

/** Tells whose token a request carries in its header; undefined where it carries none. Throws a Refusal for a bad one. */
export function createActorOf({ store, clock }: Cluster): (request: FastifyRequest) => Actor | undefined {
  return ({ headers }) => {
    const token = bearerToken(headers.authorization);
    return token === undefined ? undefined : actorOfToken(store, token, 'api', clock.now());
  };
}

/** The token of an `Authorization` header; undefined where there is no header. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme = '', token = '', ...rest] = header.split(' ');
  if (scheme.toLowerCase() === 'bearer' && rest.length === 0) return token;
  throw new Refusal('unauthenticated', 'the request must carry its token as Authorization: Bearer TOKEN');
}

/**
 * Whose credentials these are: `$<user>$<token>`, as older clients keep and send them. Throws a Refusal for any
 * that are not good.
 */
export function actorOfCredentials({ store, clock }: Cluster, credentials: string): Actor {
  const [, name, token] = /^\$([^$]+)\$([^$]+)$/.exec(credentials.trim()) ?? [];
  if (token === undefined) throw new Refusal('unauthenticated', 'Authentication failed!');
  const actor = actorOfToken(store, token, 'api', clock.now());
  if (actor.name !== name) throw new Refusal('unauthenticated', 'Authentication failed!');
  return actor;
}
