import { type Clock, systemClock } from '../../src/shared/clock.ts';

/**
 * A clock whose time stands still until the test moves it, and whose timers are the machine's: for whole servers,
 * whose loops would turn millions of times if three months passed at once.
 */
export interface StandingClock extends Clock {
  /** Moves the time on; no timer rings by it. */
  move(ms: number): void;
}

export function standingClock(start = Date.UTC(2026, 0, 1)): StandingClock {
  let time = start;
  return {
    now: () => time,
    elapsed: () => systemClock.elapsed(),
    after: (ms, callback) => systemClock.after(ms, callback),
    move(ms) {
      time += ms;
    },
  };
}
