import { randomUUID } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Actor } from '../actor.ts';
import type { ClusterConfig } from '../config/config.ts';
import { networkOf } from '../users/slow-down.ts';
import { answerError } from './errors.ts';
import { limitRequests } from './limit-requests.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who shows a token that is good; undefined where there is none. */
    actor: Actor | undefined;
  }
}

/** What the application needs of the rest of the server. */
export interface AppPorts {
  readonly config: ClusterConfig;
  readonly log: FastifyBaseLogger;
  /** TLS certificate and key, in PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Whose token a request carries. Throws a Refusal for a token that is not good. */
  readonly actorOf: (request: FastifyRequest) => Actor | undefined;
}

/** A JSON body of the API may be this large, in bytes: a task's command and its datasets' names. */
const BODY_BYTES = 1024 * 1024;

/** A client that takes longer to send its headers, or sends nothing for so long, is let go. Milliseconds. */
const HEADERS_MS = 20_000;
const IDLE_MS = 120_000;

/** The HTTP application without its routes: validation, who asks, how errors are told. */
export async function createApp({ config, log, tls, actorOf }: AppPorts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: log,
    // One line a request would cost more than most requests; what goes wrong is logged by answerError.
    disableRequestLogging: true,
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES,
    trustProxy: config.server.trustProxy ?? false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 65_000,
    connectionTimeout: IDLE_MS,
    routerOptions: { maxParamLength: 1_024 },
    ...(tls === undefined ? {} : { https: tls }),
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, allErrors: false } },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as FastifyInstance;
  app.server.headersTimeout = HEADERS_MS;
  app.setErrorHandler(answerError);
  app.decorateRequest('actor', undefined);
  await limitRequests(app, config.limits.requestsPerMinute, networkOf);
  app.addHook('onRequest', async (request) => {
    request.actor = actorOf(request);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: { code: 'not-found', message: `there is no ${request.method} ${request.url.split('?')[0]}` },
    }),
  );
  return app;
}
