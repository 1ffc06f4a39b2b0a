import { findCycles } from './cycles.ts';
import { type Dependency, readDependency } from './dependency.ts';
import { type Diagnostic, errorAt } from './diagnostic.ts';
import { shorten } from './naming.ts';
import type { Specification, SpecPath } from './specification.ts';
import { suggestOr } from './suggest.ts';

/** The parents of each step, by their place in the list of steps. */
export type Parents = readonly (readonly number[])[];

/** What each step waits for, as far as it can be understood. */
export function parentsOf(specification: Specification): Parents {
  const index = indexSteps(specification);
  return specification.steps.map((step) => {
    const parents = new Set<number>();
    for (const text of step.depends) {
      const dependency = readDependency(text, (name) => index.has(name));
      if (dependency !== undefined) parents.add(index.get(dependency.step)!);
    }
    return [...parents];
  });
}

function indexSteps({ steps }: Specification): Map<string, number> {
  const index = new Map<string, number>();
  steps.forEach(({ name }, i) => {
    if (name !== '' && !index.has(name)) index.set(name, i);
  });
  return index;
}

/** Unknown and repeated dependencies, steps that wait for themselves, and circles. */
export function checkDepends(specification: Specification): Diagnostic[] {
  return [...checkEntries(specification), ...checkCycles(specification)];
}

function checkEntries(specification: Specification): Diagnostic[] {
  const { steps, locate } = specification;
  const index = indexSteps(specification);
  const areAllNamed = steps.every((step) => step.name !== '');
  return steps.flatMap((step, i) => {
    const seen = new Map<string, string>();
    return step.depends.flatMap((text, j): Diagnostic[] => {
      const at = locate(dependsPath(i, j));
      const dependency = readDependency(text, (name) => index.has(name));
      if (dependency === undefined) {
        const mend = suggestOr(text.replace(/_?\*$/, ''), index.keys(), listSteps(steps));
        const message = `step '${step.name}' depends on '${shorten(text)}', which is no step`;
        return areAllNamed ? [errorAt(at, message, mend)] : [];
      }
      if (dependency.step === step.name) {
        return [errorAt(at, `step '${step.name}' depends on itself`, `remove '${text}' from its depends`)];
      }
      return repeated(seen, dependency, text).map((before) =>
        errorAt(
          at,
          `step '${step.name}' depends on '${before}' and '${text}', which mean the same`,
          'keep one',
        ),
      );
    });
  });
}

const MOST_LISTED = 8;

function listSteps(steps: Specification['steps']): string {
  if (steps.length > MOST_LISTED) return 'name a step of this study';
  return `the steps are ${steps.map(({ name }) => name).join(', ')}`;
}

/** The entry that meant the same before this one, if there was one with other words. */
function repeated(seen: Map<string, string>, { kind, step }: Dependency, text: string): string[] {
  const meaning = `${kind} ${step}`;
  const before = seen.get(meaning);
  if (before === undefined) seen.set(meaning, text);
  return before === undefined || before === text ? [] : [before];
}

const dependsPath = (step: number, entry: number): SpecPath => ['study', step, 'run', 'depends', entry];

function checkCycles(specification: Specification): Diagnostic[] {
  const { steps, locate } = specification;
  const index = indexSteps(specification);
  const parents = parentsOf(specification).map((of, i) => of.filter((parent) => parent !== i));
  return findCycles(parents).map((cycle) => {
    const [first = 0] = cycle;
    const last = cycle.at(-1) ?? first;
    const closing = steps[last]?.depends.findIndex(
      (text) => readDependency(text, (name) => index.has(name))?.step === steps[first]?.name,
    );
    const names = [...cycle, first].map((step) => steps[step]?.name).join(' -> ');
    return errorAt(
      locate(dependsPath(last, closing ?? 0)),
      `these steps wait for each other: ${names}`,
      'remove one of these dependencies',
    );
  });
}
