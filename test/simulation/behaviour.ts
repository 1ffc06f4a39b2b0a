import type { Exit } from '../../src/shared/state/transition.ts';
import { diceOf } from './dice.ts';
import type { Scenario } from './scenario.ts';

/** How long a server lives that a step leaves behind: nobody can wait for its end. */
const SERVER_MS = 30 * 24 * 3_600_000;

/** What an attempt does once it runs. */
export interface Behaviour {
  readonly runsMs: number;
  readonly exit: Exit;
  /** How long it goes on after SIGTERM; undefined where it does not heed it. */
  readonly heedsTermAfterMs: number | undefined;
  /** For how long a process that it has left in its group outlives it; 0: there is none. */
  readonly childOutlivesMs: number;
}

/** What this attempt does: the same whoever starts it, and whenever. */
export function behaviourOf({ seed, study }: Scenario, step: number, number: number): Behaviour {
  const dice = diceOf(seed, 2, step, number);
  const isLong = dice.chance(0.03);
  const runsMs = dice.spread(0, isLong ? study.longest * 4 : study.longest);
  const fails = dice.chance(study.failing);
  const exit = !fails
    ? { code: 0 }
    : dice.chance(0.7)
      ? { code: dice.between(1, 255) }
      : { signal: dice.pick([6, 9, 11]) };
  return {
    runsMs,
    exit,
    heedsTermAfterMs: dice.chance(0.8) ? dice.spread(0, 5_000) : dice.chance(0.5) ? 15_000 : undefined,
    childOutlivesMs: dice.chance(0.15) ? (dice.chance(0.1) ? SERVER_MS : dice.spread(100, 30_000)) : 0,
  };
}
