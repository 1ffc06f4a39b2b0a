import type { Clock } from '../../src/shared/clock.ts';

/** A clock that stands still until the test moves it; timers ring in the order of their times. */
export interface HandClock extends Clock {
  /** Moves the time on, ringing what becomes due on the way; awaits what each ring has set going. */
  advance(ms: number): Promise<void>;
  /** Sets the time forward without ringing anything: nobody was there to hear it. */
  jump(ms: number): void;
  /** How many timers wait. */
  readonly pending: number;
}

export function handClock(start = 1_000_000): HandClock {
  let time = start;
  let timers: { readonly at: number; readonly ring: () => void }[] = [];
  const settle = async (): Promise<void> => {
    // Promise chains of a few links end within these rounds of the microtask queue.
    for (let round = 0; round < 50; round++) await Promise.resolve();
  };
  return {
    now: () => time,
    elapsed: () => time,
    after(ms, callback) {
      const timer = { at: time + ms, ring: callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    jump(ms) {
      time += ms;
      timers = [];
    },
    get pending() {
      return timers.length;
    },
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        time = Math.max(time, next.at);
        next.ring();
        await settle();
      }
      time = end;
    },
  };
}
