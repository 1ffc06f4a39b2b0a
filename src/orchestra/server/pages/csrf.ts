import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../refusal.ts';

/**
 * What every form of a browser carries: made of the secret in the browser's cookie, which no other page can read,
 * so that no other page can make a form that is taken. Ends with the session.
 */
export function formToken(secret: string): string {
  return createHmac('sha256', secret).update('form').digest('base64url');
}

/** Throws a Refusal for a form that another page has sent, or that belongs to another session. */
export function checkForm(
  request: FastifyRequest,
  secret: string | undefined,
  token: string | undefined,
): void {
  if (!comesFromHere(request) || secret === undefined || !isSame(token ?? '', formToken(secret))) {
    const mend = 'open the page anew, and send it again';
    throw new Refusal('forbidden', 'this form is not from your session, or the session has ended', mend);
  }
}

/** Browsers say which page sends a form; those that are too old to do so have the token to show. */
function comesFromHere({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
