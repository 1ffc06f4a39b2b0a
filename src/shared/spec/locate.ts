import type { SpecPath } from './specification.ts';
import { type Placed, placedIn, type Tree } from './tree.ts';

/** A text and the tree that was read from it. */
export interface Source {
  readonly text: string;
  readonly tree: Tree;
}

/**
 * The offset of a node, or of its nearest existing ancestor; with a text that stands in the node, that of its
 * first occurrence.
 */
export function offsetOf(source: Source, path: SpecPath, within?: string): number {
  const placed = nearest(source.tree, path);
  if (placed === undefined) return 0;
  if (within === undefined) return placed.at;
  const found = source.text.indexOf(within, placed.start);
  return found >= 0 && found + within.length <= placed.end ? found : placed.at;
}

/** The offset of the key under which a node stands; of the node itself where it has none. */
export function keyOffsetOf(source: Source, path: SpecPath): number {
  return nearest(source.tree, path)?.keyAt ?? 0;
}

function nearest(root: Tree, path: SpecPath): Placed | undefined {
  let placed: Placed | undefined;
  for (const part of path) {
    const next = placedIn(placed === undefined ? root : placed.value, part);
    if (next === undefined) return placed;
    placed = next;
  }
  return placed;
}
