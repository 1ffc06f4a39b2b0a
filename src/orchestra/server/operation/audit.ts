import type { Cluster } from '../cluster.ts';

/** Something that was done to the cluster, or tried, as the audit log keeps it. */
export interface Deed {
  /** A user's name, or `CONSOLE` for who sits at the server. */
  readonly actor: string;
  /** What was done, as `room.verb`: `user.activate`, `dataset.delete`, `task.kill`. */
  readonly action: string;
  /** What it was done to: a name. Never a secret. */
  readonly subject: string;
  /** `done`, or the code of the Refusal. */
  readonly outcome: string;
  /** From where; empty at the console. */
  readonly address: string;
  /** The request's id in the server's log; empty at the console. */
  readonly request: string;
}

/** Who acts where no request does: the console commands and the server's own loops. */
export const CONSOLE = 'console';

/**
 * Appends to the audit log. Where it is called in the transaction of what it tells of, neither is there without
 * the other.
 */
export function audit({ store, clock }: Pick<Cluster, 'store' | 'clock'>, deed: Deed): void {
  const { actor, action, subject, outcome, address, request } = deed;
  store
    .prepare(
      'INSERT INTO audit (at, actor, action, subject, outcome, address, request) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(clock.now(), actor, action, subject, outcome, address, request);
}

/** A line of the audit log. */
export interface AuditedDeed extends Deed {
  /** Counts from 1, in the order of what was done. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Which lines of the audit log are wanted. */
export interface DeedFilter {
  /** Only those of this actor. */
  readonly actor?: string | undefined;
  /** Only those from then on, in Unix milliseconds. */
  readonly since?: number | undefined;
}

/** Lines of the audit log, the oldest first, one at a time. */
export function auditedDeeds(
  { store }: Pick<Cluster, 'store'>,
  { actor, since }: DeedFilter,
): IterableIterator<AuditedDeed> {
  return store
    .prepare(
      `SELECT id, at, actor, action, subject, outcome, address, request FROM audit
       WHERE (:actor IS NULL OR actor = :actor) AND (:since IS NULL OR at >= :since) ORDER BY id`,
    )
    .iterate({ actor: actor ?? null, since: since ?? null }) as IterableIterator<AuditedDeed>;
}
