import type { StepState } from './states.ts';

/** Why a step is tried again: after a failure, a time-out, or something that was not its own fault. */
export type Again = 'retry' | 'restart' | 'resubmission';

/** How a process ended. */
export type Exit = { readonly code: number } | { readonly signal: number };

/** What a process used: CPU times in milliseconds, the largest resident set in KiB. */
export interface Usage {
  readonly userMs: number;
  readonly systemMs: number;
  readonly maxRssKib: number;
}

/** How an attempt may end. DROPPED: it was recorded, but certainly never started. */
export type AttemptOutcome =
  | 'FINISHED'
  | 'FAILED'
  | 'TIMEDOUT'
  | 'HWFAILURE'
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'DROPPED';

/** What a transition means for the step's newest attempt. */
export type AttemptChange =
  | {
      readonly kind: 'opened';
      readonly number: number;
      readonly script: 'main' | 'restart';
      readonly host: string;
      /** Numbers of the gpus given to it, such as `0,1`. */
      readonly gpus: string;
      /** How often its requests have grown since the step's first try. */
      readonly growth: number;
    }
  /** A scheduler has it, under this id. */
  | { readonly kind: 'accepted'; readonly number: number; readonly job: string }
  | {
      readonly kind: 'started';
      readonly number: number;
      /** Where it is not known since it was accepted: the process id of a local step. */
      readonly job?: string;
      readonly startedAt: number;
    }
  | {
      readonly kind: 'ended';
      readonly number: number;
      readonly outcome: AttemptOutcome;
      readonly endedAt: number;
      readonly exit?: Exit;
      readonly usage?: Usage;
    };

/**
 * One step's move from a state to another, with all that is recorded with it: a row of the event log, and the
 * change of its newest attempt. `again` is set where the step goes back to INITIALIZED to be tried once more.
 */
export interface Transition {
  readonly step: number;
  readonly from: StepState;
  readonly to: StepState;
  /** Unix milliseconds. */
  readonly at: number;
  readonly why: string;
  readonly attempt?: AttemptChange;
  readonly again?: Again;
  /** A user wants the step run again: all its counters start from nothing. */
  readonly isFresh?: boolean;
  /** With `again`: not to be tried before this time. */
  readonly notBefore?: number;
}

/** Limits that a user may change while the study runs. */
export interface Limits {
  /** Tries at a step that fails. At least 1. */
  readonly attempts: number;
  /** Restarts of a step that timed out; 0: no limit. */
  readonly rlimit: number;
  /** Attempts in flight at once; 0: no limit. */
  readonly throttle: number;
  /** Seconds between polls of a scheduler. */
  readonly sleeptime: number;
  /** Local studies: of this machine; 0: nothing is started; absent: what the specification or the machine gives. */
  readonly cores?: number;
  readonly gpus?: number;
}
