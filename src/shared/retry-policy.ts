import type { Retry } from './spec/specification.ts';
import type { StepState } from './state/states.ts';
import type { Exit } from './state/transition.ts';

/** A pause that has doubled to this, in milliseconds, is long enough: whoever is waited for is back, or not coming. */
const LONGEST_DOUBLED_MS = 60 * 60_000;

/** Shells tell of a signal by an exit code that is so much higher than its number. */
const SIGNAL_BASE = 128;

/** Whether a step is to be tried again after an attempt that ended like this, if it has a try left. */
export function isTriedAgain(retry: Retry | undefined, state: StepState, exit: Exit | undefined): boolean {
  const ends: readonly (StepState | number)[] = retry?.on ?? ['FAILED'];
  if (ends.includes(state)) return true;
  if (state !== 'FAILED' || exit === undefined) return false;
  return ends.includes('code' in exit ? exit.code : SIGNAL_BASE + exit.signal);
}

/** Milliseconds to wait after so many tries: doubled with each. One that is longer from the beginning stays. */
export function pauseMs(retry: Retry | undefined, tried: number): number {
  const first = retry?.backoffMs ?? 0;
  return Math.min(first * 2 ** (tried - 1), Math.max(first, LONGEST_DOUBLED_MS));
}
