import {
  type EnvironmentEntry,
  RESOURCE_KEYS,
  type Resources,
  type SchedulerArgs,
  type StepSpec,
} from '../spec/specification.ts';

/** What stands in a text, such as `$(SIZE)`, and what takes its place. */
export interface Substitution {
  readonly token: string;
  readonly value: string;
}

/** What a specification's tokens are resolved against when it is loaded. */
export interface LoadContext {
  /** Becomes `$(OUTPUT_PATH)`: absolute path of the study directory. */
  readonly outputPath: string;
  /** Becomes `$(SPECROOT)`: absolute path of the specification's directory. */
  readonly specRoot: string;
}

/** `$(NAME)`. */
export function tokenOf(name: string): string {
  return `$(${name})`;
}

/**
 * Replaces each token everywhere in the text, one after the other and each once: what an earlier one put in is
 * seen by the later ones, and never by itself.
 */
export function replaceInOrder(text: string, substitutions: readonly Substitution[]): string {
  let result = text;
  for (const { token, value } of substitutions) {
    if (!result.includes('$(')) break;
    // A function, because a string would have its own `$&` and `$1` replaced.
    result = result.replaceAll(token, () => value);
  }
  return result;
}

/**
 * The labels and the variables of an environment, each in the order in which they are replaced. An entry whose
 * text has a `$` is a label, replaced before all variables; only the first entry is a variable whatever it
 * holds, because labels are made of what was read before them. An entry `OUTPUT_PATH` says where studies go,
 * and is read like the others; in texts the token means the directory of this study.
 */
export function environmentTokens(
  environment: readonly EnvironmentEntry[],
  context: LoadContext,
): { readonly labels: Substitution[]; readonly variables: Substitution[] } {
  const labels: Substitution[] = [];
  const variables: Substitution[] = [];
  const inOrder = [
    ...environment.filter(({ block }) => block === 'variables'),
    ...environment.filter(({ block }) => block === 'labels'),
  ];
  for (const [index, { name, value, isText }] of inOrder.entries()) {
    if (name === 'OUTPUT_PATH' || name === 'SPECROOT') continue;
    const isLabel = isText && value.includes('$') && index > 0;
    (isLabel ? labels : variables).push({ token: tokenOf(name), value });
  }
  variables.push({ token: tokenOf('OUTPUT_PATH'), value: context.outputPath });
  variables.push({ token: tokenOf('SPECROOT'), value: context.specRoot });
  return { labels, variables };
}

/** A step with the same substitutions made in every string that it has. */
export function replaceInStep(step: StepSpec, substitutions: readonly Substitution[]): StepSpec {
  const replaced = (text: string) => replaceInOrder(text, substitutions);
  return {
    name: replaced(step.name),
    description: replaced(step.description),
    cmd: replaced(step.cmd),
    ...(step.restart !== undefined && { restart: replaced(step.restart) }),
    ...(step.retry !== undefined && { retry: step.retry }),
    depends: step.depends.map(replaced),
    resources: mapResources(step.resources, replaced),
    ...(step.args !== undefined && { args: mapArgs(step.args, replaced) }),
  };
}

/** Options with each value replaced by what `change` makes of it; their names take no tokens. */
export function mapArgs(args: SchedulerArgs, change: (text: string) => string): SchedulerArgs {
  return Object.fromEntries(Object.entries(args).map(([option, value]) => [option, change(value)]));
}

/** Resources with each text replaced by what `change` makes of it. */
export function mapResources(resources: Resources, change: (text: string) => string): Resources {
  const changed: { -readonly [Key in keyof Resources]: string } = {};
  for (const key of RESOURCE_KEYS) {
    const text = resources[key];
    if (text !== undefined) changed[key] = change(text);
  }
  return changed;
}
