import type { StepState } from '../state/states.ts';
import { FINAL } from '../state/states.ts';

/** How many steps have ended, well or not. */
export function doneOf(counts: ReadonlyMap<StepState, number>): number {
  return FINAL.reduce((sum, state) => sum + (state === 'REMOVED' ? 0 : (counts.get(state) ?? 0)), 0);
}

/** Whole percents, rounded down: 100 only when nothing is left. */
export function percentOf(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}

/** Ended steps over a span of time. */
export interface Pace {
  readonly ended: number;
  readonly ms: number;
}

/**
 * How fast steps ended lately: `recentEnds` are the times of the newest ends, newest first, and `since` is when
 * the conductor came, before which nothing could end. Undefined where nothing has ended since.
 */
export function recentPace(recentEnds: readonly number[], since: number, now: number): Pace | undefined {
  const ends = recentEnds.filter((end) => end >= since);
  if (ends.length === 0) return undefined;
  // Ends come in bursts where steps take the same time: the span starts behind the end before the counted ones.
  const isWindowFull = ends.length === recentEnds.length && ends.length > 1;
  const [ended, from] = isWindowFull ? [ends.length - 1, ends.at(-1)!] : [ends.length, since];
  return { ended, ms: Math.max(1, now - from) };
}

/** Milliseconds until `remaining` more steps have ended if they go on at this pace. */
export function estimateMs(remaining: number, pace: Pace | undefined): number | undefined {
  if (remaining === 0) return 0;
  return pace === undefined ? undefined : Math.round((remaining * pace.ms) / pace.ended);
}
