import type { SpecPath } from './specification.ts';
import { type Tree, treeAt } from './tree.ts';

/**
 * What a place of the specification is called in a sentence: `nodes of step 'mesh'`, not
 * `/study/3/run/nodes`.
 */
export function nameOf(root: Tree | undefined, path: SpecPath): string {
  if (path.length === 0) return 'the specification';
  const owner = ownerOf(root, path);
  if (owner === undefined) return path.join('.');
  const rest = path.slice(owner.length).filter((part, i) => part !== 'run' || i > 0 || path.length === 3);
  const [key, inner, innermost] = rest;
  if (key === undefined) return owner.name;
  if (inner === undefined) return `${key} of ${owner.name}`;
  if (key === 'retry') return `${retryPart(inner, innermost)} in retry of ${owner.name}`;
  if (key === 'args') return `option '${inner}' of ${owner.name}`;
  return key === 'depends' ? `a dependency of ${owner.name}` : `a ${key} of ${owner.name}`;
}

/** `attempts`; `walltime in grow`; what the list of ends holds has no key. */
function retryPart(key: string | number, inner: string | number | undefined): string {
  if (inner === undefined) return String(key);
  return key === 'on' ? 'an end' : `${inner} in ${key}`;
}

interface Owner {
  readonly name: string;
  /** How much of the path leads to it. */
  readonly length: number;
}

function ownerOf(root: Tree | undefined, [block, first, second, third]: SpecPath): Owner | undefined {
  if (block === 'study' && first !== undefined) {
    return { name: listed(root, ['study', first], 'step'), length: 2 };
  }
  if (block === 'global.parameters' && first !== undefined) {
    return { name: `parameter '${first}'`, length: 2 };
  }
  if (block !== 'env' || second === undefined) return undefined;
  if (first === 'variables') return { name: `variable '${second}'`, length: 3 };
  if (first === 'labels') return { name: `label '${second}'`, length: 3 };
  if (first !== 'dependencies' || third === undefined) return undefined;
  const kind = second === 'git' ? 'git dependency' : 'path dependency';
  return { name: listed(root, ['env', 'dependencies', second, third], kind), length: 4 };
}

/** By its name where it has one, else by its number in the list. */
function listed(root: Tree | undefined, path: SpecPath, kind: string): string {
  const name = treeAt(root, [...path, 'name']);
  if (name?.kind === 'text' && name.text !== '') return `${kind} '${name.text}'`;
  return `${kind} ${Number(path.at(-1)) + 1}`;
}

const LONGEST = 40;

/** A value in a sentence: what the user wrote, and what YAML made of it where that is a surprise. */
export function describeValue(tree: Tree | undefined): string {
  switch (tree?.kind) {
    case 'text':
      return tree.text.trim() === '' ? 'empty' : `'${shorten(tree.text)}'`;
    case 'integer':
    case 'float':
      return `the number ${tree.source}`;
    case 'boolean':
      return tree.source === String(tree.value)
        ? tree.source
        : `${tree.source}, which YAML reads as ${tree.value}`;
    case 'list':
      return tree.items.length === 0 ? 'an empty list' : 'a list';
    case 'mapping':
      return tree.entries.size === 0 ? 'an empty mapping' : 'a mapping';
    default:
      return 'empty';
  }
}

/** Text on one line, cut where a sentence would lose its end. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
