import type { Expansion, Study } from '../shared/study/study.ts';

/**
 * The graph of a study seen from the parents, as columns. A funnel is kept as a group: the steps of one
 * template on one side, whole templates that await all of them on the other. Steps that were removed are one
 * more group, behind those of the templates, which nothing awaits.
 */
export interface Graph {
  readonly count: number;
  readonly template: Uint32Array;
  /** Children by plain dependencies of step i: from `childrenStart[i]` up to `childrenStart[i + 1]`. */
  readonly children: Uint32Array;
  readonly childrenStart: Uint32Array;
  /** The steps of template t: from `membersStart[t]` up to `membersStart[t + 1]`. */
  readonly members: Uint32Array;
  readonly membersStart: Uint32Array;
  /** For each template the templates that funnel it. */
  readonly funnelled: readonly (readonly number[])[];
  /** For each template the templates that it funnels. */
  readonly funnels: readonly (readonly number[])[];
  readonly parents: Uint32Array;
  readonly parentsStart: Uint32Array;
}

/** Turns the parents' columns round. Linear in steps and edges. */
export function buildGraph(study: Study, expansion: Expansion): Graph {
  const { count, template, parents, parentsStart } = expansion;
  const children = bucket(parents, count, ownersOf(parentsStart, parents.length));
  const identity = Uint32Array.from({ length: count }, (_, step) => step);
  const groups = study.steps.length + 1;
  const members = bucket(template, groups, identity);
  const funnelled: number[][] = Array.from({ length: groups }, () => []);
  study.steps.forEach((step, index) => {
    for (const parent of step.funnels) funnelled[parent]!.push(index);
  });
  return {
    count,
    template,
    children: children.items,
    childrenStart: children.start,
    members: members.items,
    membersStart: members.start,
    funnelled,
    funnels: [...study.steps.map((step) => step.funnels), []],
    parents,
    parentsStart,
  };
}

/** Groups `values[k]` by `keys[k]`, keeping their order: a counting sort. */
function bucket(
  keys: Uint32Array,
  buckets: number,
  values: Uint32Array,
): { items: Uint32Array; start: Uint32Array } {
  const start = new Uint32Array(buckets + 1);
  for (const key of keys) start[key + 1]!++;
  for (let index = 0; index < buckets; index++) start[index + 1]! += start[index]!;
  const next = start.slice();
  const items = new Uint32Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    items[next[key]!] = values[index]!;
    next[key]!++;
  }
  return { items, start };
}

/** For each entry of a concatenated column the row that it belongs to. */
function ownersOf(start: Uint32Array, length: number): Uint32Array {
  const owners = new Uint32Array(length);
  for (let row = 0; row + 1 < start.length; row++) owners.fill(row, start[row]!, start[row + 1]!);
  return owners;
}
