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
