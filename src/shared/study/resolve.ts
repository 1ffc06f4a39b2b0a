import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Batch, Parameter, Specification, StepSpec } from '../spec/specification.ts';
import { checkDependencies, checkMentions } from './check-dependencies.ts';
import { checkLabels } from './check-labels.ts';
import { checkNames } from './check-names.ts';
import { checkResources } from './check-resources.ts';
import { expansionOrder, type LinkedStep, linkSteps } from './graph.ts';
import type { Report } from './report.ts';
import type { StepTemplate, Study } from './study.ts';
import { environmentTokens, replaceInStep, tokenOf } from './tokens.ts';
import { mentionsOf, usesOf } from './uses.ts';

/** What a study is made with beside its specification. */
export interface ResolveOptions {
  /** Absolute path of the study directory. */
  readonly directory: string;
  /** Becomes `$(OUTPUT_PATH)`: absolute. */
  readonly outputPath: string;
  /** Becomes `$(SPECROOT)`: absolute path of the specification's directory. */
  readonly specRoot: string;
  /** Take the place of the specification's parameters, where a generator made some. */
  readonly parameters?: readonly Parameter[];
  /** What `$(name)` becomes for each dependency: absolute paths. */
  readonly dependencyPaths: ReadonlyMap<string, string>;
  readonly hashWorkspaces: boolean;
  /** Absolute path of the directory for scripts, where they are not to be written beside the steps. */
  readonly scriptDirectory?: string;
}

/**
 * Makes a study of a specification: replaces what is known when it is loaded, finds each step's parents and
 * the parameters that it uses, and puts the steps in the order of their expansion. Without a study there is
 * at least one error among the diagnostics.
 */
export function resolveStudy(
  specification: Specification,
  options: ResolveOptions,
): { readonly study: Study | undefined; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const report: Report = ({ severity, path, text, message, mend }) => {
    diagnostics.push({ severity, at: specification.locate(path, text), message, mend });
  };
  const parameters = options.parameters ?? specification.parameters;
  const steps = loadSteps(specification, options);
  const links = linkSteps(steps);
  const { order, cycles } = expansionOrder(links);
  const mentions = mentionsOf(steps, parameters);
  const uses = usesOf(links, mentions).map((used) => byKey(parameters, used));
  checkNames(specification, steps, parameters, options, report);
  checkDependencies(steps, links, cycles, report);
  checkResources(steps, parameters, report);
  if (cycles.length === 0) checkMentions(steps, links, mentions, order, report);
  checkLabels(parameters, uses, report);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { study: undefined, diagnostics };
  return {
    study: assemble(specification, options, templates(specification.batch, steps, links, uses, order)),
    diagnostics,
  };
}

/** The steps with labels, dependencies and variables replaced, in this order and in every string. */
function loadSteps(specification: Specification, options: ResolveOptions): StepSpec[] {
  const { labels, variables } = environmentTokens(specification.environment, options);
  const dependencies = specification.dependencies.flatMap(({ name }) => {
    const path = options.dependencyPaths.get(name);
    return path === undefined ? [] : [{ token: tokenOf(name), value: path }];
  });
  const inOrder = [...labels, ...dependencies, ...variables];
  return specification.steps.map((step) => replaceInStep(step, inOrder));
}

/** Combinations are named by their labels in this order, whatever the order of declaration. */
function byKey(parameters: readonly Parameter[], uses: ReadonlySet<number>): number[] {
  const keyOf = (index: number) => parameters[index]!.key;
  return [...uses].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function templates(
  batch: Batch,
  steps: readonly StepSpec[],
  links: readonly LinkedStep[],
  uses: readonly (readonly number[])[],
  order: readonly number[],
): StepTemplate[] {
  const place = new Map(order.map((index, position) => [index, position]));
  return order.map((index) => {
    const { depends: _, ...step } = steps[index]!;
    const { parents, funnels } = links[index]!;
    return {
      ...step,
      ...((batch.retry ?? step.retry) !== undefined && { retry: { ...batch.retry, ...step.retry } }),
      parents: parents.map((link) => place.get(link.step)!),
      funnels: funnels.map((link) => place.get(link.step)!),
      uses: uses[index]!,
      isScheduled: asksFor(step.resources.nodes) || asksFor(step.resources.procs),
    };
  });
}

/** A variable may say that a step asks for none after all. */
function asksFor(amount: string | undefined): boolean {
  return amount !== undefined && !['', '0', 'False', 'None'].includes(amount.trim());
}

function assemble(
  { name, description, batch, parameters }: Specification,
  options: ResolveOptions,
  steps: readonly StepTemplate[],
): Study {
  return {
    name,
    description,
    directory: options.directory,
    batch,
    steps,
    parameters: options.parameters ?? parameters,
    hashWorkspaces: options.hashWorkspaces,
    ...(options.scriptDirectory !== undefined && { scriptDirectory: options.scriptDirectory }),
  };
}
