import { hostname, userInfo } from 'node:os';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import type { Store } from './store.ts';

/** Who conducts a study, or did last. Times are Unix milliseconds. */
export interface Lease {
  /** Counts the holders: a conductor may write only while the store still has its own number. */
  readonly epoch: number;
  readonly host: string;
  readonly user: string;
  readonly process: ProcessIdentity;
  readonly acquiredAt: number;
  readonly heartbeat: number;
  /** When the holder left in order; undefined while it conducts, or if it died. */
  readonly releasedAt: number | undefined;
}

/** Whether somebody conducts the study: nobody ever did or the last left in order, it died, or it is live. */
export type LeaseState = 'free' | 'stale' | 'live';

/** How often a conductor that has nothing to record still says that it lives. */
export const HEARTBEAT_MS = 15_000;

/**
 * A holder on another host is given up after this silence: eight heartbeats, so that a slow file system or
 * clocks a minute apart do not lead to a second conductor. On its own host the process itself is looked at.
 */
const LEASE_TTL_MS = 120_000;

interface LeaseRow {
  epoch: number;
  host: string;
  boot: string;
  pid: number;
  start_ticks: string;
  user: string;
  acquired_at: number;
  heartbeat: number;
  released_at: number | null;
}

/** The newest lease of a study; undefined where nobody has conducted it yet. */
export function readLease(store: Store): Lease | undefined {
  const row = store.prepare('SELECT * FROM lease').get() as LeaseRow | undefined;
  if (row === undefined) return undefined;
  return {
    epoch: row.epoch,
    host: row.host,
    user: row.user,
    process: { pid: row.pid, startTicks: row.start_ticks, bootId: row.boot },
    acquiredAt: row.acquired_at,
    heartbeat: row.heartbeat,
    releasedAt: row.released_at ?? undefined,
  };
}

/** From where a lease is looked at: a host, and the processes that live on it. */
export interface Standpoint {
  readonly host: string;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

const HERE: Standpoint = { host: hostname(), isAlive };

/** Judges a lease from a host: by its process where it is there, else by the age of its heartbeat. */
export function judgeLease(lease: Lease | undefined, now: number, from = HERE): LeaseState {
  if (lease === undefined || lease.releasedAt !== undefined) return 'free';
  if (lease.host === from.host) return from.isAlive(lease.process) ? 'live' : 'stale';
  return now - lease.heartbeat < LEASE_TTL_MS ? 'live' : 'stale';
}

/** What came of the attempt to take the lease. */
export type Acquired =
  | { readonly kind: 'acquired'; readonly epoch: number; readonly replaced: Lease | undefined }
  | { readonly kind: 'held'; readonly holder: Lease };

/**
 * Takes the lease for a process of this host, or tells who holds it. `replaced` is a holder that died. The
 * transaction is IMMEDIATE: of two that try at once one waits, and then finds the other's lease.
 */
export function acquireLease(store: Store, holder: ProcessIdentity, now: number, from = HERE): Acquired {
  return store
    .transaction((): Acquired => {
      const current = readLease(store);
      const state = judgeLease(current, now, from);
      if (current !== undefined && state === 'live') return { kind: 'held', holder: current };
      const epoch = (current?.epoch ?? 0) + 1;
      store
        .prepare(
          `INSERT OR REPLACE INTO lease
             (id, epoch, host, boot, pid, start_ticks, user, acquired_at, heartbeat, released_at)
           VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
        )
        .run(epoch, from.host, holder.bootId, holder.pid, holder.startTicks, userName(), now, now);
      return { kind: 'acquired', epoch, replaced: state === 'stale' ? current : undefined };
    })
    .immediate();
}

/** Gives the lease back in order. Does nothing where another conductor has taken it over. */
export function releaseLease(store: Store, epoch: number, now: number): void {
  store.prepare('UPDATE lease SET released_at = ? WHERE id = 1 AND epoch = ?').run(now, epoch);
}

/** `pid 4711 on host login3, user ada`: names a holder in messages. */
export function describeHolder(lease: Lease): string {
  return `pid ${lease.process.pid} on host ${lease.host}, user ${lease.user}`;
}

/** Some batch nodes have no entry for the user in their password file; its number must do there. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
