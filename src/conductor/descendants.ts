import type { Graph } from './graph.ts';

/** All steps that depend on some steps, directly or not, without those themselves unless they do too. */
export function descendantsOf(graph: Graph, seeds: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  const seenGroups = new Set<number>();
  const stack = [...seeds];
  const visit = (step: number): void => {
    if (found.has(step)) return;
    found.add(step);
    stack.push(step);
  };
  const { children, childrenStart, template, funnelled, members, membersStart } = graph;
  while (stack.length > 0) {
    const step = stack.pop()!;
    for (let at = childrenStart[step]!; at < childrenStart[step + 1]!; at++) visit(children[at]!);
    const group = template[step]!;
    if (seenGroups.has(group)) continue;
    seenGroups.add(group);
    for (const dependant of funnelled[group]!) {
      for (let at = membersStart[dependant]!; at < membersStart[dependant + 1]!; at++) visit(members[at]!);
    }
  }
  return found;
}
