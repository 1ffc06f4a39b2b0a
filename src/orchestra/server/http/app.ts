import { randomUUID } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Clock } from '../../../shared/clock.ts';
import type { Actor } from '../actor.ts';
import type { ClusterConfig } from '../config/config.ts';
import { networkOf } from '../users/slow-down.ts';
import { answerError } from './errors.ts';
import { limitRequests } from './limit-requests.ts';
import { boundBodies } from './slow-bodies.ts';

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
  readonly clock: Clock;
  /** TLS certificate and key, in PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Whose token a request carries. Throws a Refusal for a token that is not good. */
  readonly actorOf: (request: FastifyRequest) => Actor | undefined;
  /** Default `PATIENCE`. */
  readonly patience?: Patience;
}

/** How long clients are waited for, in milliseconds. */
export interface Patience {
  /** For the headers of a request. */
  readonly headers: number;
  /** For a body that is read as a whole: a form, or JSON. */
  readonly body: number;
  /** For a request as a whole, a resumable upload included. */
  readonly request: number;
  /** For anything at all. */
  readonly idle: number;
}

/** Slow links are borne, and whoever only holds a connection open is not. */
const PATIENCE: Patience = { headers: 20_000, body: 60_000, request: 24 * 60 * 60_000, idle: 120_000 };

/** A JSON body of the API may be this large, in bytes: a task's command and its datasets' names. */
const BODY_BYTES = 1024 * 1024;

/** The HTTP application without its routes: validation, who asks, how errors are told. */
export async function createApp(ports: AppPorts): Promise<FastifyInstance> {
  const { config, log, clock, tls, actorOf, patience = PATIENCE } = ports;
  const timeouts = {
    headersTimeout: patience.headers,
    // The server looks this often for requests that have taken too long.
    connectionsCheckingInterval: Math.min(10_000, patience.headers),
  };
  const app = fastify({
    loggerInstance: log,
    // One line a request would cost more than most requests; what goes wrong is logged by answerError.
    logController: new fastify.LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES,
    trustProxy: config.server.trustProxy ?? false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 65_000,
    connectionTimeout: patience.idle,
    requestTimeout: patience.request,
    routerOptions: { maxParamLength: 1_024 },
    ...(tls === undefined ? { http: timeouts } : { https: { ...timeouts, ...tls } }),
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, allErrors: false } },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as FastifyInstance;
  app.setErrorHandler(answerError);
  boundBodies(app, clock, patience.body);
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
