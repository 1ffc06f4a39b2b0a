import type { Clock } from '../shared/clock.ts';
import { type Journal, LeaseLost, type Turn } from '../shared/state/journal.ts';
import { HEARTBEAT_MS } from '../shared/state/lease.ts';
import { OUTAGE_MS, OUTAGE_PAUSE_MS } from './bounds.ts';
import type { LogLine } from './loop-ports.ts';

/** Waits, at most for `ms`; answers early, with true, where the conductor is asked to leave. */
export type Patience = (ms: number) => Promise<boolean>;

/**
 * Records turns, and waits for a disk that is full or a store that is locked, within a bound. While it waits
 * nothing else happens: what is not recorded must not be acted on.
 */
export class Recorder {
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly log: LogLine;
  private readonly isAskedToLeave: Patience;
  private recordedAt = 0;

  constructor(journal: Journal, clock: Clock, log: LogLine, isAskedToLeave: Patience) {
    this.journal = journal;
    this.clock = clock;
    this.log = log;
    this.isAskedToLeave = isAskedToLeave;
  }

  /** A turn in which nothing happened is recorded only when it is time to say that the conductor lives. */
  isWorthRecording({ transitions, notes, limits, cancelRequestedAt, isPaused }: Turn): boolean {
    if (transitions.length > 0 || notes.length > 0) return true;
    if (limits !== undefined || cancelRequestedAt !== undefined || isPaused !== undefined) return true;
    return Math.abs(this.clock.now() - this.recordedAt) >= HEARTBEAT_MS;
  }

  /** Answers why it gave up, if it did. Throws LeaseLost and whatever is no trouble of the store. */
  async record(turn: Turn): Promise<string | undefined> {
    const since = this.clock.now();
    let pause: number = OUTAGE_PAUSE_MS.first;
    for (let tries = 0; ; tries++) {
      try {
        this.journal.record(turn, this.clock.now());
        this.recordedAt = this.clock.now();
        if (tries > 0) this.log.info('the store can be written again');
        return undefined;
      } catch (error) {
        if (error instanceof LeaseLost || !isStoreOutage(error)) throw error;
        const why = `the store cannot be written: ${(error as Error).message}`;
        if (this.clock.now() - since > OUTAGE_MS) return why;
        if (tries === 0) this.log.error(`${why}; trying again`);
        if (await this.isAskedToLeave(pause)) return why;
        pause = Math.min(pause * 2, OUTAGE_PAUSE_MS.longest);
      }
    }
  }
}

/** SQLite's codes for a disk that is full, failing, read-only or locked by somebody for too long. */
function isStoreOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR|READONLY|BUSY|CANTOPEN|PROTOCOL)/.test(code);
}
