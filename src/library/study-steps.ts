import { join } from 'node:path';
import type { StepState } from '../shared/state/states.ts';
import { takeSnapshot } from '../shared/status/snapshot.ts';
import { createStepFilter, type StepFilter } from '../shared/status/step-filter.ts';
import { paramsOf } from '../shared/study/combinations.ts';
import { parentsReader } from '../shared/study/parents.ts';
import { renderScripts } from '../shared/study/script/render-scripts.ts';
import type { Expansion, Study } from '../shared/study/study.ts';
import { stepText } from '../shared/study/text-of-step.ts';

/** A step as the specification expands to it. */
export interface ExpandedStep {
  /** `<step>_<combination>`, or the step's own name where it uses no parameters. */
  readonly name: string;
  /** The step of the specification that it is a combination of. */
  readonly step: string;
  /** The values of the parameters that it uses. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The names of the steps that it waits for. */
  readonly parents: readonly string[];
  /** Absolute path of the directory that it will run in. */
  readonly workspace: string;
  /** The text of its script. */
  readonly script: string;
}

/** A step of a study that has a directory. Times are Unix milliseconds of its newest attempt. */
export interface StudyStep {
  readonly name: string;
  readonly state: StepState;
  readonly parameters: Readonly<Record<string, string>>;
  /** Absolute path of the directory that it runs in, which is made when it is started. */
  readonly workspace: string;
  /** Tries so far, and how many of them were restarts after a time-out. */
  readonly attempts: number;
  readonly restarts: number;
  /** What the scheduler calls its job, or its process id. */
  readonly job: string | undefined;
  readonly submittedAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** Steps by what they have in common: those that match all that is given. */
export interface StepChoice {
  /** Names, or globs such as `simulate_*`. */
  readonly step?: string | readonly string[];
  readonly state?: StepState | readonly StepState[];
  readonly parameters?: Readonly<Record<string, string | number>>;
}

/** The steps of an expansion, made one at a time: a million of them need no memory. */
export function* expandedSteps(study: Study, expansion: Expansion): Generator<ExpandedStep, void, undefined> {
  const parentsOf = parentsReader(study, expansion);
  for (let row = 0; row < expansion.count; row++) {
    const text = stepText(study, expansion, row);
    yield {
      name: text.name,
      step: study.steps[expansion.template[row]!]!.name,
      parameters: Object.fromEntries(paramsOf(study, expansion, row)),
      parents: parentsOf(row).map((parent) => expansion.names[parent]!),
      workspace: text.workspace,
      script: renderScripts(study.batch, text).scripts.main.text,
    };
  }
}

/** A choice as the texts that filters are made of. */
export function filterTexts({ step, state, parameters = {} }: StepChoice): {
  readonly step: readonly string[] | undefined;
  readonly state: readonly string[] | undefined;
  readonly param: readonly string[];
} {
  return {
    step: listOf(step),
    state: listOf(state),
    param: Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
  };
}

/** Reads the steps of a study that match a choice, in the order of status.csv. */
export function readSteps(directory: string, choice: StepChoice): StudyStep[] {
  const { step, state, param } = filterTexts(choice);
  const filter = createStepFilter({ steps: step, states: state, params: param });
  const { overview, steps } = takeSnapshot(directory, filter, true);
  return steps.map(({ params, workspace, job, submittedAt, startedAt, endedAt, ...row }) => ({
    name: row.name,
    state: row.state,
    parameters: Object.fromEntries(params),
    workspace: join(overview.directory, workspace),
    attempts: row.attempts,
    restarts: row.restarts,
    job: job ?? undefined,
    submittedAt: submittedAt ?? undefined,
    startedAt: startedAt ?? undefined,
    endedAt: endedAt ?? undefined,
  }));
}

/** The rows of the steps that a filter lets through. */
export function rowsOf(directory: string, filter: StepFilter): number[] {
  return takeSnapshot(directory, filter, false).steps.map(({ id }) => id);
}

function listOf<Text extends string>(texts: Text | readonly Text[] | undefined): readonly Text[] | undefined {
  return typeof texts === 'string' ? [texts] : texts;
}
