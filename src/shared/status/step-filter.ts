import picomatch from 'picomatch';
import { UserError } from '../errors.ts';
import { suggestOr } from '../spec/suggest.ts';
import { STEP_STATES, type StepState } from '../state/states.ts';

/** What a filter looks at in a step. */
export interface FilteredStep {
  readonly name: string;
  readonly state: StepState;
  readonly params: readonly (readonly [key: string, value: string])[];
}

/** Which steps a user wants to see. */
export interface StepFilter {
  readonly accepts: (step: FilteredStep) => boolean;
  /** Whether steps must come with their parameters to be judged. */
  readonly needsParams: boolean;
}

/** Texts as a user gave them; a step must match one of each kind that is there, and all of `params`. */
export interface FilterTexts {
  readonly states?: readonly string[] | undefined;
  readonly steps?: readonly string[] | undefined;
  /** `KEY=VALUE`. */
  readonly params?: readonly string[] | undefined;
}

/** Throws a UserError for a state that there is not, or a parameter without `=`. */
export function createStepFilter(texts: FilterTexts): StepFilter {
  const states = new Set((texts.states ?? []).map(parseState));
  const isNamed = matchesAny(texts.steps ?? []);
  const params = (texts.params ?? []).map(parseParam);
  return {
    needsParams: params.length > 0,
    accepts: (step) =>
      (states.size === 0 || states.has(step.state)) &&
      isNamed(step.name) &&
      params.every(([key, value]) => step.params.some(([k, v]) => k === key && v === value)),
  };
}

/** Whether a step's name is one of these names or matches one of them as a glob; any name if there are none. */
export function matchesAny(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  const names = new Set(patterns);
  // A step's name is no path: `*` matches slashes too, and a leading dot is nothing special.
  const isMatch = picomatch([...patterns], { bash: true, dot: true, nonegate: true });
  return (name) => names.has(name) || isMatch(name);
}

function parseState(text: string): StepState {
  const name = text.toUpperCase();
  const state = STEP_STATES.find((candidate) => candidate === name);
  if (state !== undefined) return state;
  throw new UserError(
    `there is no state '${text}'`,
    suggestOr(name, STEP_STATES, `states are ${STEP_STATES.join(', ')}`),
  );
}

function parseParam(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new UserError(`--param ${text} has no value`, 'write --param NAME=VALUE');
}
