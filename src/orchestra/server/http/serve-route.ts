import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../refusal.ts';
import { type Answer, API_PREFIX, type Asked, type Route } from '../../route.ts';
import type { Actor } from '../actor.ts';

/** What a handler is given: what was asked, validated, and by whom. */
export type Question<R extends Route> = Asked<R> & {
  /** Whoever shows the token; for routes that anybody may ask for, undefined where there is none. */
  readonly actor: R['by'] extends 'anybody' ? Actor | undefined : Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

/**
 * Answers a route of the API: the framework validates by its schemas, `actorOf` tells who asks, and the handler
 * answers or throws a Refusal. Routes without an answer's schema answer 204.
 */
export function serveRoute<R extends Route>(
  app: FastifyInstance,
  route: R,
  handler: (question: Question<R>) => Promise<Answer<R>> | Answer<R>,
): void {
  const { params, query, body, answer, summary, by, answers } = route;
  app.route({
    method: route.method,
    url: `${API_PREFIX}${route.path}`,
    schema: {
      summary,
      ...(by === 'anybody' ? {} : { security: [{ token: [] }] }),
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      ...(answer === undefined ? {} : { response: { 200: answer } }),
    },
    async handler(request, reply) {
      const actor = request.actor;
      if (by !== 'anybody') checkActor(actor, by);
      const { params, query, body } = request;
      const question = { params, query, body, actor, request, reply } as unknown as Question<R>;
      const result = await handler(question);
      if (answer === undefined && answers === undefined && !reply.sent) return reply.code(204).send();
      return result;
    },
  });
}

function checkActor(actor: Actor | undefined, by: 'user' | 'admin'): asserts actor is Actor {
  if (actor === undefined) {
    throw new Refusal('unauthenticated', 'this needs a token', 'get one: maestro authenticate');
  }
  if (by === 'admin' && actor.role !== 'admin') throw new Refusal('forbidden', 'this is for administrators');
}
