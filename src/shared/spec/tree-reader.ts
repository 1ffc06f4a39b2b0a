import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { readPlainScalar, type ScalarValue } from './scalars.ts';
import type { Problem } from './syntax-problems.ts';
import type { Entry, List, Mapping, Placed, Scalar, Tree } from './tree.ts';

/** Far more than a specification needs; it keeps every later walk over the tree off the stack's end. */
const MAX_DEPTH = 100;

/**
 * How many characters aliases may stand for, all together: a few kilobytes of nested aliases can stand for
 * more than any memory holds.
 */
const MAX_ALIASED = 16 * 1024 * 1024;

const NOTHING: Scalar = { kind: 'null', source: '' };

/** What a tree stands for with the aliases in it written out. */
interface Extent {
  readonly characters: number;
  readonly height: number;
}

type YamlPair = Pair<ParsedNode, ParsedNode | null>;

/** Turns the parser's nodes into a tree, and gathers what is wrong with them on the way. */
export class TreeReader {
  readonly problems: Problem[] = [];
  readonly #lineOf: (offset: number) => number;
  readonly #anchors = new Map<string, Tree | 'being read'>();
  readonly #extents = new Map<Tree, Extent>();
  #aliased = 0;
  #depth = 0;

  constructor(lineOf: (offset: number) => number) {
    this.#lineOf = lineOf;
  }

  read(node: ParsedNode | null): Tree {
    if (node === null) return NOTHING;
    if (isAlias(node)) return this.#readAlias(node.source, node.range[0]);
    if (this.#depth === MAX_DEPTH) return this.#refuseDepth(node.range[0]);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, 'being read');
    this.#depth += 1;
    const tree = this.#readTagged(node);
    this.#depth -= 1;
    if (anchor !== undefined) this.#anchors.set(anchor, tree);
    return tree;
  }

  #readAlias(name: string, offset: number): Tree {
    const tree = this.#anchors.get(name);
    if (tree === undefined) {
      return this.#refuse(
        offset,
        `the alias *${name} names no anchor`,
        `mark a value above with &${name}, or put text that begins with * in quotes`,
      );
    }
    if (tree === 'being read') {
      return this.#refuse(offset, `the alias *${name} stands inside its own anchor`, 'move it out');
    }
    if (this.#aliased > MAX_ALIASED) return NOTHING;
    const { characters, height } = this.#measure(tree);
    if (this.#depth + height > MAX_DEPTH) return this.#refuseDepth(offset);
    this.#aliased += characters;
    if (this.#aliased <= MAX_ALIASED) return tree;
    const limit = `${MAX_ALIASED / 1024 / 1024} MiB`;
    return this.#refuse(offset, `aliases up to here stand for more than ${limit}`, 'use fewer');
  }

  #readTagged(node: ParsedNode): Tree {
    if (isMap(node)) {
      this.#expectTag(node, 'map');
      return this.#readMapping(node);
    }
    if (isSeq(node)) {
      this.#expectTag(node, 'seq');
      return this.#readList(node);
    }
    return isScalar(node) ? this.#readScalar(node) : NOTHING;
  }

  #readList(node: YAMLSeq.Parsed): List {
    return { kind: 'list', items: node.items.map((item) => this.#place(item)) };
  }

  #place(node: ParsedNode | null): Placed {
    const [start, end] = node?.range ?? [0, 0];
    return { value: this.read(node), at: start, keyAt: start, start, end };
  }

  #readMapping(node: YAMLMap.Parsed): Mapping {
    const own = new Map<string, Entry>();
    const entries = new Map<string, Entry>();
    for (const pair of node.items as YamlPair[]) {
      if (isMergeKey(pair.key)) {
        for (const merged of this.#readMerge(pair))
          for (const [k, entry] of merged.entries) entries.set(k, entry);
        continue;
      }
      const entry = this.#readEntry(pair);
      if (entry === undefined) continue;
      const before = own.get(entry.key.source);
      if (before === undefined) own.set(entry.key.source, entry);
      else this.#tellDuplicate(entry, before);
    }
    for (const [key, entry] of own) entries.set(key, entry);
    return { kind: 'mapping', entries };
  }

  #tellDuplicate(entry: Entry, before: Entry): void {
    const line = this.#lineOf(before.keyAt);
    this.#refuse(
      entry.keyAt,
      `'${entry.key.source}' stands twice in one mapping, first on line ${line}`,
      'keep one of them',
    );
  }

  #readEntry(pair: YamlPair): Entry | undefined {
    const keyAt = pair.key?.range?.[0] ?? 0;
    const key = this.read(pair.key);
    const value = this.#place(pair.value);
    if (key.kind === 'list' || key.kind === 'mapping') {
      this.#refuse(keyAt, 'a list or mapping stands where a key should', 'write a plain name');
      return undefined;
    }
    if (key.source === '' && key.kind === 'null') {
      this.#refuse(keyAt, "there is no key before this ':'", 'name it');
      return undefined;
    }
    const isBeside = value.end > value.start && this.#lineOf(value.start) === this.#lineOf(keyAt);
    return { ...value, at: isBeside ? value.start : keyAt, key, keyAt };
  }

  /** The mappings of a `<<`, the one whose entries win last. In a list the first wins. */
  #readMerge(pair: YamlPair): Mapping[] {
    const tree = this.read(pair.value);
    if (tree.kind === 'mapping') return [tree];
    const merged = tree.kind === 'list' ? tree.items.map((item) => item.value) : [];
    const mappings = merged.filter((item) => item.kind === 'mapping');
    if (tree.kind !== 'list' || mappings.length < merged.length) {
      const offset = pair.value?.range[0] ?? pair.key.range[0];
      this.#refuse(offset, '<< merges mappings only', 'name the anchor of a mapping, as in <<: *defaults');
    }
    return mappings.reverse();
  }

  #readScalar(node: ParsedNode & { value: unknown; tag?: string; type?: string; source?: string }): Scalar {
    const source = String(node.value ?? '');
    const at = node.range[0];
    if (source.includes('\0'))
      return { ...this.#refuse(at, 'this text holds a NUL character', 'remove it'), source };
    return { ...this.#readValue(node, source), source };
  }

  #readValue(node: ParsedNode & { tag?: string; type?: string }, source: string): ScalarValue {
    if (node.tag === undefined) {
      return node.type === 'PLAIN' ? readPlainScalar(source) : { kind: 'text', text: source };
    }
    const tag = shortTag(node.tag);
    if (tag === '!!str') return { kind: 'text', text: source };
    const read = readPlainScalar(source);
    if (tag === '!') return read;
    if (tag === '!!float' && read.kind === 'integer') return { kind: 'float', value: Number(read.value) };
    if (!(tag in SCALAR_TAGS)) return this.#refuseTag(node);
    if (SCALAR_TAGS[tag] === read.kind) return read;
    return this.#refuse(node.range[0], `'${source}' is no ${tag}`, `remove the tag ${tag}`);
  }

  #expectTag(node: ParsedNode, expected: 'map' | 'seq'): void {
    const tag = node.tag === undefined ? undefined : shortTag(node.tag);
    if (tag !== undefined && tag !== `!!${expected}` && tag !== '!') this.#refuseTag(node);
  }

  #refuseTag(node: ParsedNode): Scalar {
    const tag = shortTag(node.tag ?? '');
    return this.#refuse(node.range[0], `the tag ${tag} is not allowed in a specification`, 'remove it');
  }

  #refuse(offset: number, message: string, mend: string): Scalar {
    this.problems.push({ offset, message, mend });
    return NOTHING;
  }

  #refuseDepth(offset: number): Scalar {
    return this.#refuse(offset, `this is nested more than ${MAX_DEPTH} levels deep`, 'flatten it');
  }

  #measure(tree: Tree): Extent {
    if (tree.kind !== 'list' && tree.kind !== 'mapping')
      return { characters: 1 + tree.source.length, height: 1 };
    const known = this.#extents.get(tree);
    if (known !== undefined) return known;
    let characters = 1;
    let height = 0;
    for (const { value } of tree.kind === 'list' ? tree.items : tree.entries.values()) {
      const part = this.#measure(value);
      characters += part.characters;
      height = Math.max(height, part.height);
    }
    const extent = { characters, height: height + 1 };
    this.#extents.set(tree, extent);
    return extent;
  }
}

const SCALAR_TAGS: Readonly<Record<string, ScalarValue['kind']>> = {
  '!!int': 'integer',
  '!!float': 'float',
  '!!bool': 'boolean',
  '!!null': 'null',
};

const shortTag = (tag: string): string => tag.replace(/^tag:yaml\.org,2002:/, '!!');

const isMergeKey = (key: ParsedNode | null): boolean =>
  isScalar(key) && key.type === 'PLAIN' && key.tag === undefined && key.value === '<<';
