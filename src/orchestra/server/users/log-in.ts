import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { audited } from '../operation/audited.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import { inTurn, isPassword } from './password.ts';
import {
  ACCOUNT,
  ADDRESS,
  type Failures,
  failuresThatCount,
  networkOf,
  type SlowDown,
  waitBeforeNextTry,
} from './slow-down.ts';
import { type IssuedToken, issueToken, type TokenKind } from './tokens.ts';
import { type UserRecord, userById, userByName } from './user.ts';

/** Somebody who says who they are. */
export interface Claim {
  readonly name: string;
  readonly password: string;
  /** From where, as an IP address, by which request. */
  readonly address: string;
  readonly request: string;
}

/** A claim that is to become a token. */
export interface LogIn extends Claim {
  readonly kind: TokenKind;
  /** How long the token is to be good for, in milliseconds. */
  readonly lifetimeMs: number;
}

const FAILED = 'Authentication failed!';

/**
 * Gives a token for a name and a password. Throws a Refusal: `unauthenticated` for a wrong name or password,
 * which take the same time, `not-activated`, `forbidden` for a user that was deactivated, and
 * `too-many-requests` for accounts and addresses that fail too often.
 */
export async function logIn(cluster: Cluster, asked: LogIn): Promise<IssuedToken> {
  const { store, clock } = cluster;
  return await withPassword(cluster, asked, 'user.log-in', (user) =>
    tokenFor(store, user, asked, clock.now()),
  );
}

/** Asks for the password once more, before what only its user may do. Throws a Refusal as `logIn` does. */
export async function checkPassword(cluster: Cluster, claim: Claim): Promise<void> {
  await withPassword(cluster, claim, 'user.check-password', () => undefined);
}

/** Does something for who knows the password; audits whether it was done. */
async function withPassword<Result>(
  cluster: Cluster,
  claim: Claim,
  action: string,
  work: (user: UserRecord) => Result,
): Promise<Result> {
  return await inTurn(async () => {
    const { store, clock } = cluster;
    const subjects = [
      { subject: `account ${claim.name}`, slowDown: ACCOUNT },
      { subject: `address ${networkOf(claim.address)}`, slowDown: ADDRESS },
    ];
    // Counted as a failure before it is tried, so that tries at the same time do not pass for one.
    countFailure(store, subjects, clock.now());
    const user = userByName(store, claim.name);
    const isRight = await isPassword(claim.password, user?.password);
    // What is not the name of a user may be a password in the wrong field: it is not written down.
    if (user === undefined) throw wrong();
    if (isRight) takeBackFailure(store, subjects);
    const origin = { actor: user.name, address: claim.address, request: claim.request };
    return audited(cluster, origin, { action, subject: user.name }, () => {
      if (!isRight) throw wrong();
      return work(user);
    });
  });
}

function wrong(): Refusal {
  return new Refusal('unauthenticated', FAILED, 'check the name and the password');
}

/** Looks again at the user, who may have been deactivated or given another password while this one was hashed. */
function tokenFor(store: ClusterStore, checked: UserRecord, asked: LogIn, now: number): IssuedToken {
  const user = userById(store, checked.id);
  if (user === undefined || user.password !== checked.password) throw new Refusal('unauthenticated', FAILED);
  if (user.state === 'registered') {
    const mend = 'ask an administrator of the cluster';
    throw new Refusal('not-activated', 'Your account has not been activated yet.', mend);
  }
  if (user.state === 'inactive') {
    const mend = 'ask an administrator of the cluster';
    throw new Refusal('forbidden', 'Your account has been deactivated.', mend);
  }
  return issueToken(store, { user: user.id, kind: asked.kind, now, expiresAt: now + asked.lifetimeMs });
}

interface Subject {
  readonly subject: string;
  readonly slowDown: SlowDown;
}

function countFailure(store: ClusterStore, subjects: readonly Subject[], now: number): void {
  store.transaction(() => {
    const known = subjects.map(({ subject, slowDown }) => ({
      subject,
      slowDown,
      was: failuresOf(store, subject),
    }));
    const wait = Math.max(...known.map(({ was, slowDown }) => waitBeforeNextTry(was, slowDown, now)));
    if (wait > 0) throw tooManyTries(wait);
    // Names that do not exist are counted too, and must not fill the store.
    statement(store, 'DELETE FROM login_failure WHERE last_at <= ?').run(now - ACCOUNT.forgottenAfterMs);
    for (const { subject, slowDown, was } of known) {
      statement(
        store,
        `INSERT INTO login_failure (subject, failures, last_at) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at`,
      ).run(subject, failuresThatCount(was, slowDown, now) + 1, now);
    }
  })();
}

function failuresOf(store: ClusterStore, subject: string): Failures | undefined {
  return statement<Failures>(
    store,
    'SELECT failures, last_at AS lastAt FROM login_failure WHERE subject = ?',
  ).get(subject);
}

/**
 * The right password clears the account. Its address only gets the one try back: whoever has an account could
 * otherwise log in between guesses at others.
 */
function takeBackFailure(store: ClusterStore, [account, address]: readonly Subject[]): void {
  store.transaction(() => {
    statement(store, 'DELETE FROM login_failure WHERE subject = ?').run(account!.subject);
    statement(store, 'DELETE FROM login_failure WHERE subject = ? AND failures = 1').run(address!.subject);
    statement(store, 'UPDATE login_failure SET failures = failures - 1 WHERE subject = ?').run(
      address!.subject,
    );
  })();
}

function tooManyTries(waitMs: number): Refusal {
  const seconds = Math.ceil(waitMs / 1_000);
  return new Refusal('too-many-requests', 'logging in has failed too often', `try again in ${seconds} s`);
}
