import { describeValue, nameOf } from './naming.ts';
import { RUN_KEYS, type SchemaNode, STEP_KEYS, type Violation, violations } from './schema.ts';
import type { SpecPath } from './specification.ts';
import { didYouMean, suggestOr } from './suggest.ts';
import { entriesOf, type Tree, treeAt } from './tree.ts';

/** A value that breaks the schema, told in a sentence. */
export interface SchemaProblem {
  readonly path: SpecPath;
  /** Whether to point at the key rather than at its value. */
  readonly atKey: boolean;
  readonly message: string;
  readonly mend: string;
}

/** Everything in a specification that breaks the schema: one sentence for each place. */
export function schemaProblems(root: Tree): SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>();
  const found = violations(root);
  for (const violation of found) {
    const path = parsePointer(violation.instancePath);
    const problem = tell(root, path, violation);
    if (problem === undefined) continue;
    const id = `${JSON.stringify(problem.path)} ${violation.keyword === 'required' ? problem.message : ''}`;
    if (!problems.has(id)) problems.set(id, problem);
  }
  return [...problems.values()];
}

function parsePointer(pointer: string): SpecPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function tell(root: Tree, path: SpecPath, violation: Violation): SchemaProblem | undefined {
  switch (violation.keyword) {
    case 'if':
      return undefined;
    case 'required':
      return tellMissing(root, path, violation);
    case 'additionalProperties':
      return tellUnknown(root, path, violation);
    case 'not':
      return tellSelectors(root, path);
    case 'uniqueItems':
      return tellRepeated(root, path, violation);
    default:
      return tellValue(root, path, violation);
  }
}

function tellMissing(root: Tree, path: SpecPath, violation: Violation): SchemaProblem | undefined {
  const schema = violation.parentSchema;
  const key = String(violation.params.missingProperty);
  const misspelt = unknownKeys(treeAt(root, path), schema).find((other) => didYouMean(other, [key]) === key);
  const message = `${nameOf(root, path)} has no ${key}`;
  if (misspelt !== undefined) {
    const isToldAsUnknown = schema.additionalProperties === false;
    const mend = `rename it to ${key}`;
    if (isToldAsUnknown) return undefined;
    return { path: [...path, misspelt], atKey: true, message: `${message}, but '${misspelt}'`, mend };
  }
  const title = schema.properties?.[key]?.title;
  const what = title === undefined ? '' : `, ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  return { path, atKey: false, message: `${message}${neededBy(root, path)}`, mend: `add '${key}:'${what}` };
}

/** Keys that a schema does not name, if it names any. */
function unknownKeys(tree: Tree | undefined, { properties }: SchemaNode): string[] {
  return properties === undefined ? [] : [...entriesOf(tree).keys()].filter((key) => !(key in properties));
}

/** Only some schedulers need a host, a bank and a queue: say which. */
function neededBy(root: Tree, path: SpecPath): string {
  const type = path.join('.') === 'batch' ? treeAt(root, ['batch', 'type']) : undefined;
  return type?.kind === 'text' ? `, which ${type.text} needs` : '';
}

function tellUnknown(root: Tree, path: SpecPath, violation: Violation): SchemaProblem {
  const key = String(violation.params.additionalProperty);
  return {
    path: [...path, key],
    atKey: true,
    message: `${nameOf(root, path)} has an unknown key '${key}'`,
    mend:
      misplaced(path, key) ??
      suggestOr(key, keysOf(violation.parentSchema), listKeys(violation.parentSchema)),
  };
}

/** Keys of a step are often written one level too high or too low. */
function misplaced(path: SpecPath, key: string): string | undefined {
  if (path[0] !== 'study') return undefined;
  if (path.length === 2 && RUN_KEYS.includes(key)) return 'move it into run';
  return path.length === 3 && STEP_KEYS.includes(key) ? 'move it out of run, to the step' : undefined;
}

const keysOf = (schema: SchemaNode): string[] => Object.keys(schema.properties ?? {});

const MOST_KEYS = 8;

function listKeys(schema: SchemaNode): string {
  const keys = keysOf(schema);
  return keys.length > MOST_KEYS ? 'remove it' : `its keys are ${keys.join(', ')}`;
}

const SELECTORS = ['tag', 'branch', 'hash'];

function tellSelectors(root: Tree, path: SpecPath): SchemaProblem {
  const entries = entriesOf(treeAt(root, path));
  const given = [...entries.keys()].filter((key) => SELECTORS.includes(key));
  return {
    path: [...path, given.at(-1) ?? ''],
    atKey: true,
    message: `${nameOf(root, path)} has ${given.join(' and ')}`,
    mend: 'keep one of them',
  };
}

function tellRepeated(root: Tree, path: SpecPath, violation: Violation): SchemaProblem {
  const indexes = [Number(violation.params.i), Number(violation.params.j)];
  const repeated = [...path, Math.max(...indexes)];
  return {
    path: repeated,
    atKey: false,
    message: `${nameOf(root, path)} has ${describeValue(treeAt(root, repeated))} twice`,
    mend: 'keep one of them',
  };
}

function tellValue(root: Tree, path: SpecPath, violation: Violation): SchemaProblem {
  const value = treeAt(root, path) ?? root;
  return {
    path,
    atKey: false,
    message: `${nameOf(root, path)} is ${describeValue(value)}`,
    mend: mendValue(value, violation.parentSchema),
  };
}

function mendValue(value: Tree, schema: SchemaNode): string {
  const types = [schema.type ?? []].flat();
  const otherwise = schema.errorMessage ?? 'correct it';
  switch (value.kind) {
    case 'boolean':
    case 'integer':
    case 'float': {
      const isWanted = types.includes(value.kind === 'boolean' ? 'boolean' : 'number');
      const mayBeText = types.includes('string') && schema.pattern === undefined;
      return mayBeText && !isWanted ? `put it in quotes: '${value.source}'` : otherwise;
    }
    case 'text':
      if (types.includes('integer') && /^\d+$/.test(value.text))
        return `write it without quotes: ${value.text}`;
      return schema.enum === undefined
        ? otherwise
        : suggestOr(value.text, schema.enum.map(String), otherwise);
    default:
      return otherwise;
  }
}
