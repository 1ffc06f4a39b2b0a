import type { StepState } from '../../shared/state/states.ts';

/** A step that a repair would touch. */
export interface TouchedStep {
  readonly id: number;
  readonly name: string;
  /** The name of the step in the specification. */
  readonly template: string;
  readonly state: StepState;
  /** Whether the user has chosen it; else it depends on one that was. */
  readonly isChosen: boolean;
  /** What the event log said of it last; absent where there are many. */
  readonly reason?: string;
}

/** More steps than this are shown by their numbers, and need no reasons. */
export const FEW_STEPS = 12;
