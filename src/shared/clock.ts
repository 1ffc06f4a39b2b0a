/** The time and timers, so that what decides can be given any clock. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds since some moment, for measuring: unlike `now` it is never set back or forward. */
  elapsed(): number;
  /** Calls back once after `ms`; the function that it returns takes that back. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
