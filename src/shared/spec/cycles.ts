/** More circles than these would only repeat themselves: mending the first ones mends most others. */
const MOST_CYCLES = 10;

/**
 * The circles of a graph that is given as the parents of each node: each a list of nodes of which every one has
 * the next as a parent and the last has the first. Each begins with its node of the lowest number and is a
 * shortest one through it; no two share a node.
 */
export function findCycles(parents: readonly (readonly number[])[]): number[][] {
  const cycles: number[][] = [];
  const told = new Set<number>();
  for (const node of knottedNodes(parents)) {
    if (cycles.length === MOST_CYCLES) break;
    if (told.has(node)) continue;
    const cycle = shortestCycle(node, parents, told);
    for (const member of cycle) told.add(member);
    if (cycle.length > 0) cycles.push(cycle);
  }
  return cycles;
}

/** What remains of the graph when nodes whose parents are all gone are taken away, again and again. */
function knottedNodes(parents: readonly (readonly number[])[]): number[] {
  const waiting = parents.map((of) => of.length);
  const children: number[][] = parents.map(() => []);
  parents.forEach((of, node) => {
    for (const parent of of) children[parent]?.push(node);
  });
  const free = [...waiting.keys()].filter((node) => waiting[node] === 0);
  for (const node of free) {
    for (const child of children[node] ?? []) {
      waiting[child] = (waiting[child] ?? 0) - 1;
      if (waiting[child] === 0) free.push(child);
    }
  }
  return [...waiting.keys()].filter((node) => (waiting[node] ?? 0) > 0);
}

function shortestCycle(
  start: number,
  parents: readonly (readonly number[])[],
  barred: Set<number>,
): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const parent of parents[node] ?? []) {
      if (parent === start) return wayBack(node, start, cameFrom);
      if (cameFrom.has(parent) || barred.has(parent)) continue;
      cameFrom.set(parent, node);
      queue.push(parent);
    }
  }
  return [];
}

function wayBack(last: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const way: number[] = [];
  for (let node: number | undefined = last; node !== undefined && node !== start; node = cameFrom.get(node)) {
    way.push(node);
  }
  return [start, ...way.reverse()];
}
