import type { Growth } from '../../shared/spec/specification.ts';
import type { AttemptRow, EventRow } from '../../shared/state/queries.ts';
import { isInFlight } from '../../shared/state/states.ts';
import { grown } from '../../shared/study/script/growth.ts';
import type { AttemptStory } from './facts.ts';

/** What the attempts of a step ask for. */
export interface Request {
  /** At first. */
  readonly walltimeMs: number | undefined;
  readonly grow: Growth | undefined;
}

/**
 * Finds for each attempt the reason that the event log has for its end. Attempts are opened by PENDING, one after
 * another, and end where the step leaves the states of being in flight.
 */
export function attemptStories(
  attempts: readonly AttemptRow[],
  events: readonly EventRow[],
  { walltimeMs, grow }: Request,
): AttemptStory[] {
  const reasons: string[] = [];
  let opened = 0;
  for (const { from, to, why } of events) {
    if (to === 'PENDING') opened++;
    else if (from !== null && to !== null && isInFlight(from) && !isInFlight(to)) reasons[opened - 1] = why;
  }
  return attempts.map((attempt) => ({
    ...attempt,
    why: attempt.outcome === null ? undefined : reasons[attempt.number - 1],
    walltimeMs: walltimeMs === undefined ? undefined : grown(walltimeMs, grow?.walltime, attempt.growth),
  }));
}
