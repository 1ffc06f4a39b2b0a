import type { Clock } from '../shared/clock.ts';
import { OUTAGE_MS, OUTAGE_PAUSE_MS } from './bounds.ts';
import type { LogLine } from './loop-ports.ts';

/** Waits, at most for `ms`; answers early, with true, where the conductor is asked to leave. */
export type Patience = (ms: number) => Promise<boolean>;

/** Something to be written. */
export interface Writing {
  /** As messages name it: `the store`. */
  readonly what: string;
  /** Writes it, or throws. */
  readonly write: () => void;
  /** Whether an error tells of a disk in trouble, which passes. */
  readonly isOutage: (error: unknown) => boolean;
}

/** What is needed of the world to wait for a disk. */
export interface OutagePorts {
  readonly clock: Clock;
  readonly log: LogLine;
  readonly isAskedToLeave: Patience;
}

/**
 * Writes, and where the disk is in trouble tries again within a bound. Answers why it gave up, if it did; throws
 * what tells of no trouble of the disk.
 */
export async function throughOutage(
  { what, write, isOutage }: Writing,
  { clock, log, isAskedToLeave }: OutagePorts,
): Promise<string | undefined> {
  const since = clock.elapsed();
  let pause: number = OUTAGE_PAUSE_MS.first;
  for (let tries = 0; ; tries++) {
    try {
      write();
      if (tries > 0) log.info(`${what} can be written again`);
      return undefined;
    } catch (error) {
      if (!isOutage(error)) throw error;
      const why = `${what} cannot be written: ${(error as Error).message}`;
      if (clock.elapsed() - since > OUTAGE_MS) return why;
      if (tries === 0) log.error(`${why}; trying again`);
      if (await isAskedToLeave(pause)) return why;
      pause = Math.min(pause * 2, OUTAGE_PAUSE_MS.longest);
    }
  }
}
