import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/** `api`: of programs, sent in a header; `page`: of a browser's session, sent as a cookie. Neither passes for the other. */
export type TokenKind = 'api' | 'page';

/** A token as it is given out, once: the store keeps only its hash. */
export interface IssuedToken {
  readonly token: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Tells what it is to whoever finds one, such as a scanner for secrets in repositories. */
const PREFIX = 'maestro_';
const RANDOM_BYTES = 32;
const FORM = /^maestro_[A-Za-z0-9_-]{43}$/;

/** A user's oldest tokens beyond so many of a kind are forgotten: programs that log in at every start need no more. */
const MAX_PER_USER = 100;

const MEND = 'get a new one: maestro authenticate';

/** Gives a user a token that is good until a time. Call it in the transaction that has checked the user. */
export function issueToken(
  store: ClusterStore,
  { user, kind, now, expiresAt }: { user: number; kind: TokenKind; now: number; expiresAt: number },
): IssuedToken {
  const token = `${PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  statement(store, 'DELETE FROM token WHERE expires_at <= ?').run(now);
  statement(store, `INSERT INTO token (hash, user, kind, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`).run(
    hashOf(token),
    user,
    kind,
    now,
    expiresAt,
  );
  statement(
    store,
    `DELETE FROM token WHERE hash IN (SELECT hash FROM token WHERE user = ? AND kind = ?
    ORDER BY created_at DESC, hash LIMIT -1 OFFSET ?)`,
  ).run(user, kind, MAX_PER_USER);
  return { token, expiresAt };
}

/**
 * Whose token this is. Throws a Refusal for one that is unknown, revoked, expired, of the other kind, or of a
 * user that is not active. It is found by its hash, so that the time this takes tells nothing of its characters.
 */
export function actorOfToken(store: ClusterStore, token: string, kind: TokenKind, now: number): Actor {
  const found = FORM.test(token)
    ? statement<Actor & { readonly expiresAt: number }>(
        store,
        `SELECT user.id, user.name, user.role, token.expires_at AS expiresAt FROM token
        JOIN user ON user.id = token.user WHERE token.hash = ? AND token.kind = ? AND user.state = 'active'`,
      ).get(hashOf(token), kind)
    : undefined;
  if (found === undefined) throw new Refusal('unauthenticated', 'this token is not good', MEND);
  const { id, name, role, expiresAt } = found;
  if (expiresAt <= now) throw new Refusal('unauthenticated', 'this token has expired', MEND);
  return { id, name, role };
}

/** Makes one token worthless. */
export function revokeToken(store: ClusterStore, token: string): void {
  statement(store, 'DELETE FROM token WHERE hash = ?').run(hashOf(token));
}

/** Makes all tokens of a user worthless, and ends the user's sessions. Answers how many there were. */
export function revokeAllTokens(store: ClusterStore, user: number): number {
  return statement(store, 'DELETE FROM token WHERE user = ?').run(user).changes;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
