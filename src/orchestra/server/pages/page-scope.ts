import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TObject } from 'typebox';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { asRefusal } from '../http/errors.ts';
import { checkForm, formToken } from './csrf.ts';
import { html } from './html.ts';
import { layOut, type Page } from './layout.ts';
import { isSecure, keepVisitor, type Visit, visitOf } from './session.ts';

/** Who may look: anybody, who has logged in, or an administrator. */
type By = 'anybody' | 'user' | 'admin';

/** What a page or a form is asked for with. */
export interface Asked<B extends By, Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly actor: B extends 'anybody' ? Actor | undefined : Actor;
  readonly visit: Visit;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Of<Schema> = Schema extends TObject ? Static<Schema> : Record<never, never>;

/** What is answered: a page, or where to go in its place. */
export type Outcome = { readonly goTo: string } | Page;

/** A part of the server in which pages are served. */
export interface PageScope {
  readonly cluster: Cluster;
  readonly scope: FastifyInstance;
}

/** Bytes of a form: names, a password, some numbers. */
const FORM_BYTES = 16 * 1024;

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Prepares a part of the server for pages: cookies, forms, headers that keep browsers safe, errors as pages. */
export async function preparePages({ cluster, scope }: PageScope): Promise<void> {
  await scope.register(cookie);
  await scope.register(formbody, { bodyLimit: FORM_BYTES });
  scope.addHook('onSend', async (request, reply) => {
    void reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    if (isSecure(cluster, request)) void reply.header('strict-transport-security', 'max-age=31536000');
  });
  scope.setErrorHandler((error, request, reply) => answerError(cluster, error, request, reply));
}

/** Serves a page. Whoever may not see it is sent to log in, or told so. */
export function servePage<
  B extends By,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
>(
  { cluster, scope }: PageScope,
  {
    path,
    by,
    params,
    query,
  }: { readonly path: string; readonly by: B; readonly params?: P; readonly query?: Q },
  handler: (asked: Asked<B, Of<P>, Of<Q>, undefined>) => Promise<Outcome> | Outcome,
): void {
  scope.get(
    path,
    { schema: { hide: true, ...(params && { params }), ...(query && { querystring: query }) } as object },
    async (request, reply) => {
      const visit = visitOf(cluster, request);
      const actor = allowed(visit, by);
      const asked = { ...partsOf(request), actor, visit, request, reply } as unknown as Asked<
        B,
        Of<P>,
        Of<Q>,
        undefined
      >;
      return send(cluster, request, reply, visit, await handler(asked));
    },
  );
}

/** Serves what is downloaded from a page. The handler sends it. */
export function serveBytes<P extends TObject>(
  { cluster, scope }: PageScope,
  { path, params }: { readonly path: string; readonly params: P },
  handler: (asked: Asked<'user', Static<P>, unknown, undefined>) => Promise<FastifyReply>,
): void {
  scope.get(path, { schema: { hide: true, params } as object }, async (request, reply) => {
    const visit = visitOf(cluster, request);
    const actor = allowed(visit, 'user')!;
    return await handler({
      params: request.params as Static<P>,
      query: {},
      body: undefined,
      actor,
      visit,
      request,
      reply,
    });
  });
}

/** Serves what a form is sent to. None can be served that does not check where the form comes from. */
export function serveForm<B extends By, F extends TObject, P extends TObject | undefined = undefined>(
  { cluster, scope }: PageScope,
  {
    path,
    by,
    params,
    fields,
    perHour,
  }: {
    readonly path: string;
    readonly by: B;
    readonly params?: P;
    readonly fields: F;
    readonly perHour?: number;
  },
  handler: (asked: Asked<B, Of<P>, unknown, Static<F>>) => Promise<Outcome> | Outcome,
): void {
  scope.post(
    path,
    {
      schema: { hide: true, body: fields, ...(params && { params }) } as object,
      ...(perHour === undefined ? {} : { config: { rateLimit: { max: perHour, timeWindow: '1 hour' } } }),
    },
    async (request, reply) => {
      const visit = visitOf(cluster, request);
      const actor = allowed(visit, by);
      const { csrf } = request.body as { readonly csrf?: string };
      checkForm(request, visit.secret, csrf);
      const asked = { ...partsOf(request), actor, visit, request, reply } as unknown as Asked<
        B,
        Of<P>,
        unknown,
        Static<F>
      >;
      return send(cluster, request, reply, visit, await handler(asked));
    },
  );
}

function partsOf({ params, query, body }: FastifyRequest): object {
  return { params, query, body };
}

function allowed(visit: Visit, by: By): Actor | undefined {
  const actor = visit.kind === 'session' ? visit.actor : undefined;
  if (by !== 'anybody' && actor === undefined) throw new Refusal('unauthenticated', 'log in first');
  if (by === 'admin' && actor?.role !== 'admin') throw new Refusal('forbidden', 'this is for administrators');
  return actor;
}

function send(
  cluster: Cluster,
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  page: Outcome,
): FastifyReply {
  if ('goTo' in page) return reply.redirect(page.goTo, 303);
  const secret = visit.secret ?? keepVisitor(cluster, request, reply);
  const actor = visit.kind === 'session' ? visit.actor : undefined;
  const text = layOut(page, { actor, csrf: formToken(secret), path: request.url.split('?')[0]! });
  return reply
    .code(page.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(text);
}

function answerError(
  cluster: Cluster,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = asRefusal(error);
  const { code, status, message, mend } = refusal;
  if (code === 'unauthenticated' && request.method === 'GET') {
    return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
  }
  if (status >= 500)
    request.log.error({ err: refusal.cause ?? refusal, route: request.routeOptions.url }, message);
  const page: Page = {
    title: TITLES[status] ?? 'That did not work',
    status,
    main: html`<p class="notice bad" role="alert">${sentence(message)}${mend !== undefined && html` ${sentence(mend)}`}</p>
      ${status >= 500 && html`<p class="faint">Request ${request.id}</p>`}
      <p><a href="/">Go to the first page</a></p>`,
  };
  return send(cluster, request, reply, visitOf(cluster, request), page);
}

const TITLES: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not now',
  429: 'Too often',
  500: 'The server has made a mistake',
  503: 'Not now',
};

/** What refusals say, as a sentence of a page. */
export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
