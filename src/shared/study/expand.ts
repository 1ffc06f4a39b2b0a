import { type Combinations, combinationsBySet } from './combinations.ts';
import { distinctFileNames, freeName, md5, stepDirectories } from './names.ts';
import type { Expansion, Study } from './study.ts';

/**
 * The steps of a study numbered in the order of their creation: template by template, each one's combinations
 * in order. The steps of template t are `start[t]` up to (not including) `start[t + 1]`.
 */
interface Creation {
  readonly start: Uint32Array;
  /** For each step its template. */
  readonly template: Uint32Array;
  /** For each template its combinations. */
  readonly combinations: readonly Combinations[];
}

/** For each step (by creation) those that take it as a plain parent, in the order of their creation. */
interface Children {
  readonly start: Uint32Array;
  readonly ids: Uint32Array;
}

/** Makes the graph of a study's steps. Time and memory grow with the number of steps and plain edges only. */
export function expand(study: Study): Expansion {
  const creation = create(study);
  const order = breadthFirst(study, creation, childrenOf(study, creation));
  const rowOf = new Uint32Array(order.length);
  for (let row = 0; row < order.length; row++) rowOf[order[row]!] = row;
  return {
    count: order.length,
    ...stepColumns(creation, order),
    ...parentColumns(study, creation, order, rowOf),
    ...nameColumns(study, creation, order),
  };
}

function create(study: Study): Creation {
  const ofUses = combinationsBySet(study.parameters);
  const combinations = study.steps.map(({ uses }) => ofUses(uses));
  const start = new Uint32Array(study.steps.length + 1);
  for (const [index, { rows }] of combinations.entries()) start[index + 1] = start[index]! + rows.length;
  const template = new Uint32Array(start[study.steps.length]!);
  for (let index = 0; index < study.steps.length; index++) {
    template.fill(index, start[index]!, start[index + 1]!);
  }
  return { start, template, combinations };
}

/** The step (by creation) of a plain parent's template that a step of another template awaits. */
function parentOf(creation: Creation, parent: number, row: number): number {
  return creation.start[parent]! + creation.combinations[parent]!.ofRow[row]!;
}

function childrenOf(study: Study, creation: Creation): Children {
  const count = creation.template.length;
  const start = new Uint32Array(count + 1);
  forEachPlainEdge(study, creation, (parent) => {
    start[parent + 1]!++;
  });
  for (let id = 0; id < count; id++) start[id + 1]! += start[id]!;
  const ids = new Uint32Array(start[count]!);
  const next = start.slice(0, count);
  forEachPlainEdge(study, creation, (parent, child) => {
    ids[next[parent]!++] = child;
  });
  return { start, ids };
}

function forEachPlainEdge(
  study: Study,
  creation: Creation,
  visit: (parent: number, child: number) => void,
): void {
  for (const [index, { parents }] of study.steps.entries()) {
    const { rows } = creation.combinations[index]!;
    const first = creation.start[index]!;
    for (let offset = 0; offset < rows.length; offset++) {
      for (const parent of parents) visit(parentOf(creation, parent, rows[offset]!), first + offset);
    }
  }
}

/**
 * The steps breadth first: those without parents, then whatever each discovers, in the order of creation. A
 * funnel is one node for all its edges: the first step of a template that comes up discovers all steps that
 * await the whole template, and the others have nothing to add.
 */
function breadthFirst(study: Study, { start, template }: Creation, children: Children): Uint32Array {
  const order = new Uint32Array(template.length);
  const isFound = new Uint8Array(template.length);
  let found = 0;
  const discover = (id: number) => {
    if (isFound[id] === 1) return;
    isFound[id] = 1;
    order[found++] = id;
  };
  const discoverAll = (index: number) => {
    for (let id = start[index]!; id < start[index + 1]!; id++) discover(id);
  };
  const awaiting = funnelDependants(study);
  for (const [index, { parents, funnels }] of study.steps.entries()) {
    if (parents.length === 0 && funnels.length === 0) discoverAll(index);
  }
  for (let next = 0; next < found; next++) {
    const id = order[next]!;
    let child = children.start[id]!;
    const end = children.start[id + 1]!;
    for (const dependant of awaiting[template[id]!]!.splice(0)) {
      while (child < end && children.ids[child]! < start[dependant]!) discover(children.ids[child++]!);
      discoverAll(dependant);
    }
    while (child < end) discover(children.ids[child++]!);
  }
  return order;
}

/** For each template those that await all of its combinations, in the order of their creation. */
function funnelDependants(study: Study): number[][] {
  const awaiting: number[][] = study.steps.map(() => []);
  for (const [index, { funnels }] of study.steps.entries()) {
    for (const funnel of funnels) awaiting[funnel]!.push(index);
  }
  return awaiting;
}

function stepColumns(
  { start, template, combinations }: Creation,
  order: Uint32Array,
): Pick<Expansion, 'template' | 'combination'> {
  const rows = new Uint32Array(order.length);
  for (let row = 0; row < order.length; row++) {
    const id = order[row]!;
    const index = template[id]!;
    rows[row] = combinations[index]!.rows[id - start[index]!]!;
  }
  return { template: order.map((id) => template[id]!), combination: rows };
}

function parentColumns(
  study: Study,
  creation: Creation,
  order: Uint32Array,
  rowOf: Uint32Array,
): Pick<Expansion, 'parents' | 'parentsStart'> {
  const { start, template, combinations } = creation;
  const parentsStart = new Uint32Array(order.length + 1);
  for (let row = 0; row < order.length; row++) {
    parentsStart[row + 1] = parentsStart[row]! + study.steps[template[order[row]!]!]!.parents.length;
  }
  const parents = new Uint32Array(parentsStart[order.length]!);
  let edge = 0;
  for (const id of order) {
    const index = template[id]!;
    const combination = combinations[index]!.rows[id - start[index]!]!;
    for (const parent of study.steps[index]!.parents) {
      parents[edge++] = rowOf[parentOf(creation, parent, combination)]!;
    }
  }
  return { parents, parentsStart };
}

function nameColumns(
  study: Study,
  { start, template, combinations }: Creation,
  order: Uint32Array,
): Pick<Expansion, 'names' | 'workspaces'> {
  const directories = stepDirectories(study);
  const subdirectories = new Map<Combinations, readonly string[]>();
  for (const set of combinations) {
    if (!subdirectories.has(set)) {
      subdirectories.set(set, distinctFileNames(study.hashWorkspaces ? set.names.map(md5) : set.names));
    }
  }
  const names = new Array<string>(order.length);
  const workspaces = new Array<string>(order.length);
  for (let row = 0; row < order.length; row++) {
    const id = order[row]!;
    const index = template[id]!;
    const { name, uses } = study.steps[index]!;
    const set = combinations[index]!;
    const combination = id - start[index]!;
    names[row] = uses.length === 0 ? name : `${name}_${set.names[combination]}`;
    workspaces[row] =
      uses.length === 0
        ? directories[index]!
        : `${directories[index]}/${subdirectories.get(set)![combination]}`;
  }
  return { names: mayClash(study) ? distinctNames(names, workspaces) : names, workspaces };
}

/** Whether a combination of one step could have the name of another, as `a` with `b_1` and `a_b` with `1`. */
function mayClash(study: Study): boolean {
  const parameterised = new Set(study.steps.filter(({ uses }) => uses.length > 0).map(({ name }) => name));
  return study.steps.some(({ name }) => {
    for (let end = name.indexOf('_'); end !== -1; end = name.indexOf('_', end + 1)) {
      if (parameterised.has(name.slice(0, end))) return true;
    }
    return false;
  });
}

/** The names, with a short hash on the later of two that are equal. */
function distinctNames(names: readonly string[], workspaces: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, row) => {
    const distinct = taken.has(name) ? freeName(name, workspaces[row]!, taken) : name;
    taken.add(distinct);
    return distinct;
  });
}
