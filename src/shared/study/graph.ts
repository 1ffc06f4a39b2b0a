import type { StepSpec } from '../spec/specification.ts';

/** A dependency of a step: which step, and which entry of its `depends` says so. */
export interface Link {
  readonly step: number;
  readonly entry: number;
}

/** A step whose dependencies are found: the names of `depends` as indexes of steps. */
export interface LinkedStep {
  readonly parents: readonly Link[];
  readonly funnels: readonly Link[];
  /** Entries of `depends` that name no step. */
  readonly unknown: readonly number[];
}

/** A way round: each step a parent or funnel of the next, and the last one of the first. */
export type Cycle = readonly number[];

/** Finds the steps that each step's `depends` names. Of steps with one name, it is the first. */
export function linkSteps(steps: readonly StepSpec[]): LinkedStep[] {
  const byName = new Map<string, number>();
  for (const [index, { name }] of steps.entries()) if (!byName.has(name)) byName.set(name, index);
  return steps.map(({ depends }) => {
    const parents = new Map<number, Link>();
    const funnels = new Map<number, Link>();
    const unknown: number[] = [];
    for (const [entry, text] of depends.entries()) {
      const funnelled = funnelNames(text);
      const step = (funnelled ?? [text]).map((name) => byName.get(name)).find((found) => found !== undefined);
      const links = funnelled === undefined ? parents : funnels;
      if (step === undefined) unknown.push(entry);
      else if (!links.has(step)) links.set(step, { step, entry });
    }
    return { parents: [...parents.values()], funnels: [...funnels.values()], unknown };
  });
}

/** The names that `name_*` and `name*` may stand for; undefined for a plain dependency. */
export function funnelNames(depends: string): string[] | undefined {
  if (!depends.endsWith('*')) return undefined;
  const withoutStar = depends.slice(0, -1);
  return withoutStar.endsWith('_') ? [withoutStar.slice(0, -1), withoutStar] : [withoutStar];
}

/** What awaits each step, plainly or as a funnel, in the order of declaration. */
function dependantsOf(steps: readonly LinkedStep[]): number[][] {
  const dependants: number[][] = steps.map(() => []);
  for (const [index, { parents, funnels }] of steps.entries()) {
    for (const step of new Set([...parents, ...funnels].map((link) => link.step)))
      dependants[step]!.push(index);
  }
  return dependants;
}

/**
 * The order in which steps are expanded, each after all that it awaits: the reverse of a depth-first
 * postorder from an artificial root above all steps that await nothing. So of independent steps the one
 * declared last comes first, and status.csv lists them as it always has. Cycles leave the order incomplete.
 */
export function expansionOrder(steps: readonly LinkedStep[]): {
  readonly order: number[];
  readonly cycles: Cycle[];
} {
  const dependants = dependantsOf(steps);
  const isRoot = ({ parents, funnels }: LinkedStep) => parents.length === 0 && funnels.length === 0;
  const indexes = steps.map((_, index) => index);
  const roots = indexes.filter((index) => isRoot(steps[index]!));
  const others = indexes.filter((index) => !isRoot(steps[index]!));
  const postorder: number[] = [];
  const cycles: Cycle[] = [];
  const isSeen = new Set<number>();
  for (const root of [...roots, ...others]) {
    if (!isSeen.has(root)) walk(root, dependants, isSeen, postorder, cycles);
  }
  return { order: postorder.reverse(), cycles };
}

/** A depth-first walk with a stack of its own: chains of steps may be longer than the call stack is deep. */
function walk(
  root: number,
  dependants: readonly number[][],
  isSeen: Set<number>,
  postorder: number[],
  cycles: Cycle[],
): void {
  const path = [root];
  const nextChild = [0];
  const placeInPath = new Map([[root, 0]]);
  isSeen.add(root);
  while (path.length > 0) {
    const step = path.at(-1)!;
    const child = dependants[step]![nextChild[path.length - 1]!++];
    if (child === undefined) {
      postorder.push(step);
      placeInPath.delete(step);
      path.pop();
      nextChild.pop();
    } else if (placeInPath.has(child)) {
      cycles.push(path.slice(placeInPath.get(child)));
    } else if (!isSeen.has(child)) {
      isSeen.add(child);
      placeInPath.set(child, path.length);
      path.push(child);
      nextChild.push(0);
    }
  }
}

/** All steps that this one awaits, directly or through others. */
export function ancestorsOf(steps: readonly LinkedStep[], index: number): ReadonlySet<number> {
  const ancestors = new Set<number>();
  const open = [index];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const link of [...steps[step]!.parents, ...steps[step]!.funnels]) {
      if (ancestors.has(link.step)) continue;
      ancestors.add(link.step);
      open.push(link.step);
    }
  }
  return ancestors;
}
