import type { ScalarValue } from './scalars.ts';

/**
 * A specification as written, with aliases and merges resolved: plain data in which everything knows where it
 * stands. Positions are offsets into the file's text. An alias shares the node that it names, so a tree may be
 * a graph without cycles.
 */
export type Tree = Scalar | List | Mapping;

/** A scalar and the characters that stand for it, without their quotes. */
export type Scalar = ScalarValue & { readonly source: string };

/** A sequence, its items with their places. */
export interface List {
  readonly kind: 'list';
  readonly items: readonly Placed[];
}

/** A mapping, merges resolved. */
export interface Mapping {
  readonly kind: 'mapping';
  /** By the key as written: `010`, `no` and `NO` stay what the user sees. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A value at its place. */
export interface Placed {
  readonly value: Tree;
  /** Where to point a user who looks for it: for an entry whose value is not beside its key, the key. */
  readonly at: number;
  /** Its key; for an item of a list, the item itself. */
  readonly keyAt: number;
  /** The characters of the value itself, as `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
}

/** A value of a mapping, with its place and its key. */
export interface Entry extends Placed {
  readonly key: Scalar;
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(tree: Tree | undefined): ReadonlyMap<string, Entry> {
  return tree?.kind === 'mapping' ? tree.entries : NO_ENTRIES;
}

const NO_ENTRIES: ReadonlyMap<string, Entry> = new Map();

/** The values of a list; none of anything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items.map((item) => item.value) : [];
}

/** What stands at a path of keys and list indexes, or undefined. Indexes may be digits, as in JSON pointers. */
export function treeAt(root: Tree | undefined, path: readonly (string | number)[]): Tree | undefined {
  let tree = root;
  for (const part of path) tree = placedIn(tree, part)?.value;
  return tree;
}

/** The entry or item of a collection, or undefined. */
export function placedIn(tree: Tree | undefined, part: string | number): Placed | undefined {
  if (tree?.kind === 'mapping') return tree.entries.get(String(part));
  return tree?.kind === 'list' ? tree.items[Number(part)] : undefined;
}
