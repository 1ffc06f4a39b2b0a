import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { actorOfToken } from '../users/tokens.ts';

/** How long a browser stays logged in, in milliseconds: a day of work. */
export const SESSION_MS = 12 * 60 * 60 * 1_000;

/** Who looks at a page. */
export type Visit =
  | { readonly kind: 'session'; readonly actor: Actor; readonly secret: string }
  /** Not logged in; the secret binds the forms that such a visitor may send. */
  | { readonly kind: 'visitor'; readonly secret: string | undefined };

/**
 * Who looks at a page, by the browser's cookie: a token of the kind `page`. One that is not good, or no longer,
 * is as none.
 */
export function visitOf(cluster: Cluster, request: FastifyRequest): Visit {
  const secure = isSecure(cluster, request);
  const token = request.cookies[cookieName('session', secure)];
  const actor = token === undefined ? undefined : pageActor(cluster, token);
  if (token !== undefined && actor !== undefined) return { kind: 'session', actor, secret: token };
  return { kind: 'visitor', secret: request.cookies[cookieName('visitor', secure)] };
}

function pageActor({ store, clock }: Cluster, token: string): Actor | undefined {
  try {
    return actorOfToken(store, token, 'page', clock.now());
  } catch {
    return undefined;
  }
}

/** Lets the browser keep a session's token. */
export function keepSession(
  cluster: Cluster,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): void {
  setCookie(cluster, request, reply, 'session', token);
}

/** Has the browser forget its session. */
export function dropSession(cluster: Cluster, request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(cluster, request);
  void reply.clearCookie(cookieName('session', secure), { path: '/', secure });
}

/** Gives a visitor a secret to bind its forms to. */
export function keepVisitor(cluster: Cluster, request: FastifyRequest, reply: FastifyReply): string {
  const secret = randomBytes(32).toString('base64url');
  setCookie(cluster, request, reply, 'visitor', secret);
  return secret;
}

function setCookie(
  cluster: Cluster,
  request: FastifyRequest,
  reply: FastifyReply,
  what: 'session' | 'visitor',
  value: string,
): void {
  const secure = isSecure(cluster, request);
  void reply.setCookie(cookieName(what, secure), value, {
    path: '/',
    httpOnly: true,
    secure,
    // Links in mails lead to the pages, which a strict cookie would show to visitors; forms have their own guard.
    sameSite: 'lax',
    ...(what === 'session' ? { maxAge: SESSION_MS / 1_000 } : {}),
  });
}

/** The prefix has browsers refuse the cookie from anybody but this very host by TLS. */
function cookieName(what: 'session' | 'visitor', secure: boolean): string {
  return `${secure ? '__Host-' : ''}maestro_${what}`;
}

/** Whether the browser speaks TLS, with us or with the proxy that users reach us by. */
export function isSecure({ config }: Cluster, request: FastifyRequest): boolean {
  const { url } = config.server;
  const isByProxy = url?.startsWith('https:') === true && new URL(url).host === request.host;
  return request.protocol === 'https' || isByProxy;
}
