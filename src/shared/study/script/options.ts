import type { Batch, SchedulerArgs } from '../../spec/specification.ts';
import type { Job, OptionRules, SchedulerOption } from './dialect.ts';
import type { Report, ScriptProblem } from './script-problem.ts';
import type { StepText } from './step-text.ts';

interface FoundOption extends SchedulerOption {
  readonly block: ScriptProblem['block'];
  /** As it is written in the specification. */
  readonly key: string;
}

/**
 * The further options of a step's job: those of the batch block, then its own, which take the place of others
 * with their name. To Flux an entry of the batch block without dashes is an option of the launcher, as it
 * always was, and none of these.
 */
export function schedulerOptions(batch: Batch, step: Pick<StepText, 'args'>): SchedulerOption[] {
  return found(batch, step).map(({ name, value }) => ({ name, value }));
}

/** The header lines of a job's further options; what is no option, or not the user's to set, is reported. */
export function optionLines(job: Job, rules: OptionRules, report: Report): string[] {
  return found(job.batch, job.step).flatMap((option) => {
    const problem = problemOf(option, job, rules);
    if (problem === undefined) return [rules.line(option)];
    report(problem);
    return [];
  });
}

function found(batch: Batch, { args = {} }: Pick<StepText, 'args'>): FoundOption[] {
  const byName = new Map<string, FoundOption>();
  for (const [key, value] of Object.entries(batch.args)) {
    if (batch.type !== 'flux' || key.startsWith('-')) add(byName, 'batch', key, value);
  }
  for (const [key, value] of Object.entries(args)) add(byName, 'step', key, value);
  return [...byName.values()];
}

/** False takes an option of the batch block out again. */
function add(
  options: Map<string, FoundOption>,
  block: ScriptProblem['block'],
  key: string,
  value: SchedulerArgs[string],
): void {
  const name = key.replace(/^-{1,2}/, '');
  if (value === 'False') options.delete(name);
  else options.set(name, { name, value: value === 'True' ? undefined : value, block, key });
}

const OPTION_NAME = /^[A-Za-z][\w-]*$/;

function problemOf(option: FoundOption, job: Job, rules: OptionRules): ScriptProblem | undefined {
  const { block, key } = option;
  const told = {
    severity: 'error',
    block,
    path: [...(block === 'step' ? ['run'] : []), 'args', key],
  } as const;
  if (!OPTION_NAME.test(option.name)) {
    const mend = 'write the name of an option, with or without its dashes';
    return { ...told, message: `${JSON.stringify(key)} in args is no name of an option`, mend };
  }
  const mend = rules.clash(option, job);
  if (mend === undefined) return undefined;
  return { ...told, message: `option '${key}' in args is one that Maestro sets`, mend };
}
