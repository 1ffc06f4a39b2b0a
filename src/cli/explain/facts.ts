import type { Retry } from '../../shared/spec/specification.ts';
import type { AttemptRow } from '../../shared/state/queries.ts';
import type { StepState, StudyState } from '../../shared/state/states.ts';

/** A step and how it stands. */
export interface NamedState {
  readonly name: string;
  readonly state: StepState;
}

/** An attempt, with what the event log says of its end. */
export type AttemptStory = AttemptRow & {
  /** Why it ended, in the words of the runner or the scheduler; undefined while it goes on. */
  readonly why: string | undefined;
  /** Undefined where it had no limit, or the scheduler's. */
  readonly walltimeMs: number | undefined;
};

/** The last lines that an attempt wrote. */
export interface OutputTail {
  readonly stream: 'out' | 'err';
  readonly file: string;
  readonly lines: readonly string[];
  /** Whether there is more before them. */
  readonly isCut: boolean;
}

/** All that an explanation of a step's state is made of. Times are Unix milliseconds. */
export interface StepFacts {
  readonly directory: string;
  readonly now: number;
  readonly name: string;
  readonly state: StepState;
  /** Whether it goes to a batch scheduler; else it runs beside the conductor. */
  readonly isScheduled: boolean;
  /** What it asks for at first. */
  readonly walltimeMs: number | undefined;
  /** When it is tried again by itself; undefined where its specification does not say. */
  readonly retry: Retry | undefined;
  /** Until when it waits for its next try; undefined where it does not. */
  readonly notBefore: number | undefined;
  readonly study: {
    readonly state: StudyState;
    readonly isPaused: boolean;
    /** 0: no limit. */
    readonly throttle: number;
    readonly inFlight: number;
  };
  readonly parents: {
    readonly total: number;
    /** How many of them have not finished, by their states. */
    readonly unfinished: ReadonlyMap<StepState, number>;
    /** Some of those. */
    readonly shown: readonly NamedState[];
  };
  /** Steps that it depends on, directly or not, and that did not finish through no fault of those before them. */
  readonly culprits: {
    readonly total: number;
    readonly shown: readonly (NamedState & { readonly why: string })[];
  };
  readonly attempts: readonly AttemptStory[];
  /** The last line of the event log about it. */
  readonly last: { readonly at: number; readonly from: StepState; readonly why: string } | undefined;
  /** Whether it asks for gpus, and the study is to use none of them. */
  readonly isWithoutGpus: boolean;
  /** Why this machine starts nothing at the moment; undefined where it does. */
  readonly outage: string | undefined;
  /** What a scheduler that does not answer said last; undefined where it answers. */
  readonly schedulerTrouble: string | undefined;
  readonly output: OutputTail | undefined;
}
