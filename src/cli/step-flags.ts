import { Flags } from '@oclif/core';
import type { FilterTexts } from '../shared/status/step-filter.ts';

const filter = (helpValue: string, summary: string) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, helpValue, summary });

/** Options that choose steps of a study. */
export const stepFlags = {
  state: filter('STATE', 'Only steps in this state.'),
  step: filter('GLOB', 'Only steps whose names match.'),
  param: filter('NAME=VALUE', 'Only steps that stand for this value of a parameter.'),
};

/** What these options ask for, as a filter wants it. */
export function filterTexts({
  state,
  step,
  param,
}: {
  readonly state?: readonly string[] | undefined;
  readonly step?: readonly string[] | undefined;
  readonly param?: readonly string[] | undefined;
}): FilterTexts {
  return { states: state, steps: step, params: param };
}
