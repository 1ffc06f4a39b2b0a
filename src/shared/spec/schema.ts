import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Tree } from './tree.ts';

/** A place of the published schema, as far as this program reads it. */
export interface SchemaNode {
  readonly title?: string;
  /** The mend, shown by editors too. */
  readonly errorMessage?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
}

interface Schema extends SchemaNode {
  readonly properties: Readonly<Record<string, SchemaNode>>;
}

/** The JSON Schema of specifications that editors use: the one description of their shape. */
const SCHEMA: Schema = JSON.parse(
  readFileSync(new URL('../../../schema/study.schema.json', import.meta.url), 'utf8'),
);

/** The blocks of a specification. */
export const BLOCKS: readonly string[] = Object.keys(SCHEMA.properties);

/** All keys of a step's `run` block. */
export const RUN_KEYS: readonly string[] = Object.keys(
  at('study', 'items').properties?.run?.properties ?? {},
);

/** All keys of a step beside `run` and its contents. */
export const STEP_KEYS: readonly string[] = Object.keys(at('study', 'items').properties ?? {});

function at(block: string, keyword: 'items'): SchemaNode {
  return (SCHEMA.properties[block] as Record<string, SchemaNode> | undefined)?.[keyword] ?? {};
}

/** Where a value breaks the schema: ajv's errors, with the values' own schemas. */
export interface Violation extends ErrorObject {
  readonly parentSchema: SchemaNode;
}

let validate: ValidateFunction | undefined;

/** All violations of the schema. */
export function violations(tree: Tree): readonly Violation[] {
  validate ??= loadValidator();
  validate(plainData(tree));
  return (validate.errors ?? []) as readonly Violation[];
}

/** The build leaves the compiled schema beside this file; run from the sources, it is compiled on first use. */
function loadValidator(): ValidateFunction {
  const load = createRequire(import.meta.url);
  const compiled = fileURLToPath(new URL('study-validator.cjs', import.meta.url));
  if (existsSync(compiled)) return load(compiled) as ValidateFunction;
  const { schemaCompiler } = load('./compile-schema.ts') as typeof import('./compile-schema.ts');
  return schemaCompiler({ forFile: false }).compile(SCHEMA);
}

/** The values as JSON has them, which is what a schema can judge. Shared nodes stay shared. */
export function plainData(tree: Tree, seen = new Map<Tree, unknown>()): unknown {
  switch (tree.kind) {
    case 'text':
      return tree.text;
    case 'integer':
      return Number(tree.value);
    case 'null':
      return null;
    case 'list':
      return remembered(tree, seen, () => tree.items.map((item) => plainData(item.value, seen)));
    case 'mapping':
      return remembered(tree, seen, () => {
        const data = Object.create(null) as Record<string, unknown>;
        for (const [key, entry] of tree.entries) data[key] = plainData(entry.value, seen);
        return data;
      });
    default:
      return tree.value;
  }
}

function remembered(tree: Tree, seen: Map<Tree, unknown>, make: () => unknown): unknown {
  if (!seen.has(tree)) seen.set(tree, make());
  return seen.get(tree);
}
