import type { FastifyRequest } from 'fastify';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { actorOfCredentials } from '../users/actor-of.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { type Form, field } from './fields.ts';

/** The fields of a posted form; of anything else none. */
export function formOf({ body }: Pick<FastifyRequest, 'body'>): Form {
  return typeof body === 'object' && body !== null ? (body as Form) : {};
}

/** Whose credentials a form carries. Throws a Refusal for any that are not good. */
export function actorOfForm(cluster: Cluster, form: Form): Actor {
  return actorOfCredentials(cluster, field(form, 'credentials'));
}

/** Who asks, and the user that the form names. Throws a Refusal where the one may not act for the other. */
export function actorAndUser(cluster: Cluster, form: Form): { readonly actor: Actor; readonly user: string } {
  const actor = actorOfForm(cluster, form);
  const user = field(form, 'username');
  mayActFor(actor, user);
  return { actor, user };
}
