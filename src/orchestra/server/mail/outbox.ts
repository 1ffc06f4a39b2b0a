import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';

/** A mail without its recipient: plain text. */
export interface Letter {
  /** One line. */
  readonly subject: string;
  readonly body: string;
}

/** A mail that waits to be sent. */
export interface WaitingMail extends Letter {
  readonly id: number;
  readonly recipient: string;
  /** Unix milliseconds. */
  readonly writtenAt: number;
  /** How often it has been tried. */
  readonly attempts: number;
}

/**
 * Puts a mail into the outbox, in the transaction of what it tells of: neither is there without the other. Without
 * an address there is nobody to tell.
 */
export function putIntoOutbox(
  { store, clock }: Pick<Cluster, 'store' | 'clock'>,
  recipient: string,
  { subject, body }: Letter,
): void {
  if (recipient === '') return;
  const now = clock.now();
  statement(
    store,
    'INSERT INTO mail (recipient, subject, body, written_at, not_before) VALUES (?, ?, ?, ?, ?)',
  ).run(recipient, subject.replace(/\s+/g, ' '), body, now, now);
}

/** Tells the administrators whom the configuration names. */
export function tellAdministrators(
  cluster: Pick<Cluster, 'store' | 'clock' | 'config'>,
  letter: Letter,
): void {
  for (const recipient of cluster.config.mail.admins) putIntoOutbox(cluster, recipient, letter);
}

/** Mails that may be tried now, the oldest first. */
export function mailsDue({ store }: Pick<Cluster, 'store'>, now: number, limit: number): WaitingMail[] {
  return statement<WaitingMail>(
    store,
    `SELECT id, recipient, subject, body, written_at AS writtenAt, attempts FROM mail
    WHERE not_before <= ? ORDER BY id LIMIT ?`,
  ).all(now, limit);
}

/** When the next mail may be tried, in Unix milliseconds; undefined where none waits. */
export function nextMailAt({ store }: Pick<Cluster, 'store'>): number | undefined {
  const sql = 'SELECT min(not_before) AS at FROM mail';
  return statement<{ at: number | null }>(store, sql).get()?.at ?? undefined;
}

/** Forgets a mail that has left. */
export function takeOutOfOutbox({ store }: Pick<Cluster, 'store'>, id: number): void {
  statement(store, 'DELETE FROM mail WHERE id = ?').run(id);
}

/** Notes that a mail could not be sent, and when to try again, in Unix milliseconds. */
export function tryAgainAt({ store }: Pick<Cluster, 'store'>, id: number, notBefore: number): void {
  statement(store, 'UPDATE mail SET attempts = attempts + 1, not_before = ? WHERE id = ?').run(notBefore, id);
}
