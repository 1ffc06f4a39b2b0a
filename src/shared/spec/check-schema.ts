import type { Finding } from './finding.ts';
import { describeValue, nameOf } from './naming.ts';
import { RUN_KEYS, type SchemaNode, STEP_KEYS, type Violation, violations } from './schema.ts';
import type { SpecPath } from './specification.ts';
import { didYouMean, suggestOr } from './suggest.ts';
import { entriesOf, type Tree, treeAt } from './tree.ts';

/** Everything in a specification that breaks the schema: one sentence for each place. */
export function checkSchema(root: Tree): Finding[] {
  return tellViolations(root, violations(root), (path) => nameOf(root, path));
}

/** What a place is called in a sentence. */
type Naming = (path: SpecPath) => string;

/** Violations of a schema whose nodes say their mends in `errorMessage`: one sentence for each place. */
export function tellViolations(root: Tree, found: readonly Violation[], name: Naming): Finding[] {
  const problems = new Map<string, Finding>();
  for (const violation of found) {
    const path = parsePointer(violation.instancePath);
    const problem = tell(root, path, violation, name);
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

function tell(root: Tree, path: SpecPath, violation: Violation, name: Naming): Finding | undefined {
  switch (violation.keyword) {
    case 'if':
      return undefined;
    case 'required':
      return tellMissing(root, path, violation, name);
    case 'additionalProperties':
      return tellUnknown(root, path, violation, name);
    case 'not':
      return tellSelectors(root, path, name);
    case 'uniqueItems':
      return tellRepeated(root, path, violation, name);
    default:
      return tellValue(root, path, violation, name);
  }
}

function tellMissing(root: Tree, path: SpecPath, violation: Violation, name: Naming): Finding | undefined {
  const schema = violation.parentSchema;
  const key = String(violation.params.missingProperty);
  const misspelt = unknownKeys(treeAt(root, path), schema).find((other) => didYouMean(other, [key]) === key);
  if (isTooHigh(root, path, key)) return undefined;
  const message = `${name(path)} has no ${key}`;
  if (misspelt !== undefined) {
    const isToldAsUnknown = schema.additionalProperties === false;
    const mend = `rename it to ${key}`;
    return isToldAsUnknown
      ? undefined
      : errorAtKey([...path, misspelt], `${message}, but '${misspelt}'`, mend);
  }
  const title = schema.properties?.[key]?.title;
  const what = title === undefined ? '' : `, ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  return errorAtValue(path, `${message}${neededBy(root, path)}`, `add '${key}:'${what}`);
}

/** A key of `run` that stands in the step is told of there. */
function isTooHigh(root: Tree, path: SpecPath, key: string): boolean {
  return path[0] === 'study' && path.length === 3 && treeAt(root, [...path.slice(0, 2), key]) !== undefined;
}

/** Keys that a schema does not name, if it names any. */
function unknownKeys(tree: Tree | undefined, { properties }: SchemaNode): string[] {
  return properties === undefined
    ? []
    : [...entriesOf(tree).keys()].filter((key) => !Object.hasOwn(properties, key));
}

/** Only some schedulers need a host, a bank and a queue: say which. */
function neededBy(root: Tree, path: SpecPath): string {
  const type = path.join('.') === 'batch' ? treeAt(root, ['batch', 'type']) : undefined;
  return type?.kind === 'text' ? `, which ${type.text} needs` : '';
}

function tellUnknown(root: Tree, path: SpecPath, { params, parentSchema }: Violation, name: Naming): Finding {
  const key = String(params.additionalProperty);
  const keys = Object.keys(parentSchema.properties ?? {});
  const otherwise = keys.length > MOST_KEYS ? 'remove it' : `its keys are ${keys.join(', ')}`;
  return errorAtKey(
    [...path, key],
    `${name(path)} has an unknown key '${key}'`,
    misplaced(root, path, key) ?? suggestOr(key, keys, otherwise),
  );
}

const MOST_KEYS = 8;

/** Keys of a step, and variables, are often written one level too high or too low. */
function misplaced(root: Tree, path: SpecPath, key: string): string | undefined {
  if (path[0] === 'env' && path.length === 1) {
    const { kind } = treeAt(root, ['env', key]) ?? root;
    return kind === 'list' || kind === 'mapping' ? undefined : 'move it into variables';
  }
  if (path[0] !== 'study') return undefined;
  if (path.length === 2 && RUN_KEYS.includes(key)) return 'move it into run';
  return path.length === 3 && STEP_KEYS.includes(key) ? 'move it out of run, to the step' : undefined;
}

const SELECTORS = ['tag', 'branch', 'hash'];

function tellSelectors(root: Tree, path: SpecPath, name: Naming): Finding {
  const given = [...entriesOf(treeAt(root, path)).keys()].filter((key) => SELECTORS.includes(key));
  const message = `${name(path)} has ${given.join(' and ')}`;
  return errorAtKey([...path, given.at(-1) ?? ''], message, 'keep one of them');
}

function tellRepeated(root: Tree, path: SpecPath, { params }: Violation, name: Naming): Finding {
  const repeated = [...path, Math.max(Number(params.i), Number(params.j))];
  const message = `${name(path)} has ${describeValue(treeAt(root, repeated))} twice`;
  return errorAtValue(repeated, message, 'keep one of them');
}

function tellValue(root: Tree, path: SpecPath, { parentSchema }: Violation, name: Naming): Finding {
  const value = treeAt(root, path) ?? root;
  const message = `${name(path)} is ${describeValue(value)}`;
  return errorAtValue(path, message, mendValue(value, parentSchema));
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

const errorAtKey = (path: SpecPath, message: string, mend: string): Finding => ({
  severity: 'error',
  path,
  atKey: true,
  message,
  mend,
});

const errorAtValue = (path: SpecPath, message: string, mend: string): Finding => ({
  ...errorAtKey(path, message, mend),
  atKey: false,
});
