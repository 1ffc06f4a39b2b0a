/** Pause before the second try at a submission, doubled for each one after it, up to the longest. Milliseconds. */
const BACKOFF_MS = { first: 5_000, longest: 10 * 60_000 } as const;

/** How much of a pause is drawn: steps that were refused together must not all come back together. */
const JITTER = 0.5;

/**
 * How long to wait after the n-th refusal (from 1). The jitter is drawn from the step's number, so the same
 * study backs off in the same way each time it is looked at.
 */
export function backoffMs(refusals: number, step: number): number {
  const pause = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** (refusals - 1));
  // Knuth's multiplicative hash spreads neighbouring numbers evenly over the 32-bit range.
  const drawn = (Math.imul(step + refusals * 7919 + 1, 2654435761) >>> 0) / 2 ** 32;
  return Math.round(pause * (1 - JITTER / 2 + JITTER * drawn));
}
