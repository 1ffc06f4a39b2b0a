import { createStepFilter, type StepFilter } from './status/step-filter.ts';

/** What the options of `retry` say about which steps to run again. */
export interface RetryFlags {
  readonly state?: readonly string[] | undefined;
  readonly step?: readonly string[] | undefined;
  readonly param?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
  readonly only: boolean;
  readonly clean: boolean;
}

/** Steps to run again. */
export interface RetryChoice {
  readonly filter: StepFilter;
  /** Names and globs that the user gave. */
  readonly named: readonly string[];
  readonly descendants: boolean;
  readonly clean: boolean;
}

/** What is run again where no state is named: all ways in which a step ends without having finished. */
const UNFINISHED = ['failed', 'timedout', 'cancelled'] as const;

/**
 * The steps that these options choose. `--from` means steps however they ended, all others those that did not
 * finish unless a state is named. Throws a UserError for a state that there is not.
 */
export function retryChoice({ state, step, param, from, only, clean }: RetryFlags): RetryChoice {
  const filter =
    from === undefined
      ? createStepFilter({ states: state ?? UNFINISHED, steps: step, params: param })
      : createStepFilter({ steps: from, params: param });
  return { filter, named: from ?? step ?? [], descendants: !only, clean };
}
