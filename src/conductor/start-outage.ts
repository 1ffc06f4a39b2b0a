import type { Clock } from '../shared/clock.ts';
import { OUTAGE_MS, OUTAGE_PAUSE_MS } from './bounds.ts';
import type { LogLine } from './loop-ports.ts';
import type { Observation } from './observation.ts';
import { isOutage } from './settle.ts';

/**
 * Notices that this machine cannot start steps (a full disk, no processes left) and gives it pauses, longer and
 * longer, until one starts again. Such failures are the machine's and are not counted against any step.
 */
export class StartOutage {
  private readonly clock: Clock;
  private readonly log: LogLine;
  private current: { since: number; pause: number; until: number; why: string } | undefined;

  constructor(clock: Clock, log: LogLine) {
    this.clock = clock;
    this.log = log;
  }

  /** For how many milliseconds yet nothing is to be started. */
  get heldMs(): number {
    return Math.max(0, (this.current?.until ?? 0) - this.clock.elapsed());
  }

  /** Why to give up, once the outage has lasted for too long. */
  get verdict(): string | undefined {
    if (this.current === undefined) return undefined;
    return this.clock.elapsed() - this.current.since > OUTAGE_MS ? this.current.why : undefined;
  }

  /** Hears what became of an attempt. */
  hear(observation: Observation): void {
    if (observation.kind === 'started' && this.current !== undefined) {
      this.current = undefined;
      this.log.info('steps can be started again');
    }
    if (observation.kind !== 'unstartable' || !isOutage(observation.errno)) return;
    const now = this.clock.elapsed();
    const why = `steps cannot be started here: ${observation.errno} (${observation.stage})`;
    if (this.current === undefined) this.log.error(`${why}; trying again`);
    // Those that were handed over together fail together: one pause for all of them.
    else if (now < this.current.until) return;
    const before = this.current?.pause ?? OUTAGE_PAUSE_MS.first / 2;
    const pause = Math.min(before * 2, OUTAGE_PAUSE_MS.longest);
    this.current = { since: this.current?.since ?? now, pause, until: now + pause, why };
  }
}
