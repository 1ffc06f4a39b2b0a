import type { Journal, Turn } from '../shared/state/journal.ts';
import { HEARTBEAT_MS } from '../shared/state/lease.ts';
import { type OutagePorts, throughOutage } from './through-outage.ts';

/**
 * Records turns, and waits for a disk that is full or a store that is locked, within a bound. While it waits
 * nothing else happens: what is not recorded must not be acted on.
 */
export class Recorder {
  private readonly journal: Journal;
  private readonly ports: OutagePorts;
  private recordedAt = 0;

  constructor(journal: Journal, ports: OutagePorts) {
    this.journal = journal;
    this.ports = ports;
  }

  /** A turn in which nothing happened is recorded only when it is time to say that the conductor lives. */
  isWorthRecording({ transitions, notes, limits, cancelRequestedAt, isPaused, served = [] }: Turn): boolean {
    if (transitions.length > 0 || notes.length > 0 || served.length > 0) return true;
    if (limits !== undefined || cancelRequestedAt !== undefined || isPaused !== undefined) return true;
    return Math.abs(this.ports.clock.now() - this.recordedAt) >= HEARTBEAT_MS;
  }

  /** Answers why it gave up, if it did. Throws LeaseLost and whatever is no trouble of the store. */
  record(turn: Turn): Promise<string | undefined> {
    const write = (): void => {
      const now = this.ports.clock.now();
      this.journal.record(turn, now);
      this.recordedAt = now;
    };
    return throughOutage({ what: 'the store', write, isOutage: isStoreOutage }, this.ports);
  }
}

/** SQLite's codes for a disk that is full, failing, read-only or locked by somebody for too long. */
export function isStoreOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR|READONLY|BUSY|CANTOPEN|PROTOCOL)/.test(code);
}
