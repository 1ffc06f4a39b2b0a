import { labelsOf } from './labels.ts';
import { pythonText } from './python-text.ts';
import { readRetry } from './retry.ts';
import {
  BATCH_TYPES,
  type Batch,
  type EnvironmentEntry,
  type GitDependency,
  type Parameter,
  type PathDependency,
  RESOURCE_KEYS,
  type SchedulerArgs,
  type Specification,
  type StepSpec,
} from './specification.ts';
import { entriesOf, itemsOf, type Tree } from './tree.ts';

/** What the tree of a specification says, without the file around it. */
export type Content = Omit<Specification, 'file' | 'text' | 'locate'>;

/**
 * Reads a tree as a specification. It takes any tree: what breaks the schema is left out or empty, so that
 * the checks can still look at the rest.
 */
export function buildContent(tree: Tree): Content {
  const description = part(tree, 'description');
  return {
    name: text(description, 'name') ?? '',
    description: text(description, 'description') ?? '',
    environment: [...readEntries(tree, 'variables'), ...readEntries(tree, 'labels')],
    dependencies: readDependencies(part(part(tree, 'env'), 'dependencies')),
    batch: readBatch(part(tree, 'batch')),
    steps: itemsOf(part(tree, 'study')).map(readStep),
    parameters: [...entriesOf(part(tree, 'global.parameters'))].map(([key, entry]) =>
      readParameter(key, entry.value),
    ),
  };
}

const part = (tree: Tree | undefined, key: string): Tree | undefined => entriesOf(tree).get(key)?.value;

/** A scalar under a key, as Python prints it; undefined where there is none. */
function text(tree: Tree | undefined, key: string): string | undefined {
  const value = part(tree, key);
  if (value === undefined || value.kind === 'null' || value.kind === 'list' || value.kind === 'mapping')
    return undefined;
  return pythonText(value);
}

/** The scalars under those of the keys that have one. */
function texts<Key extends string>(
  tree: Tree | undefined,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const found: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = text(tree, key);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

function readEntries(tree: Tree, block: EnvironmentEntry['block']): EnvironmentEntry[] {
  return [...entriesOf(part(part(tree, 'env'), block))].map(([name, { value }]) => ({
    name,
    value: pythonText(value),
    block,
    isText: value.kind === 'text',
  }));
}

function readDependencies(tree: Tree | undefined): (PathDependency | GitDependency)[] {
  const paths = itemsOf(part(tree, 'paths')).map(
    (item): PathDependency => ({
      kind: 'path',
      name: text(item, 'name') ?? '',
      path: text(item, 'path') ?? '',
    }),
  );
  return [...paths, ...itemsOf(part(tree, 'git')).map(readGitDependency)];
}

function readGitDependency(item: Tree): GitDependency {
  const kind = (['tag', 'branch', 'hash'] as const).find((selector) => text(item, selector) !== undefined);
  return {
    kind: 'git',
    name: text(item, 'name') ?? '',
    path: text(item, 'path') ?? '',
    url: text(item, 'url') ?? '',
    ...(kind === undefined ? {} : { ref: { kind, name: text(item, kind) ?? '' } }),
  };
}

const BATCH_TEXTS = [
  'host',
  'bank',
  'queue',
  'nodes',
  'procs',
  'gpus',
  'reservation',
  'qos',
  'version',
  'launcher',
] as const;

function readBatch(tree: Tree | undefined): Batch {
  const cores = part(tree, 'cores');
  const resubmits = part(tree, 'resubmits');
  const arrays = part(tree, 'arrays');
  const retry = readRetry(tree);
  const uri = text(tree, 'flux_uri') ?? text(tree, 'uri');
  return {
    type: BATCH_TYPES.find((type) => type === text(tree, 'type')) ?? 'local',
    shell: text(tree, 'shell') ?? '/bin/bash',
    ...texts(tree, BATCH_TEXTS),
    ...(cores?.kind === 'integer' ? { cores: Number(cores.value) } : {}),
    ...(retry === undefined ? {} : { retry }),
    ...(resubmits?.kind === 'integer' ? { resubmits: Number(resubmits.value) } : {}),
    ...(arrays?.kind === 'boolean' ? { arrays: arrays.value } : {}),
    ...(uri === undefined ? {} : { uri }),
    args: readArgs(tree),
  };
}

function readArgs(tree: Tree | undefined): SchedulerArgs {
  const args = [...entriesOf(part(tree, 'args'))].map(([option, { value }]) => [option, pythonText(value)]);
  return Object.fromEntries(args);
}

function readStep(tree: Tree): StepSpec {
  const run = part(tree, 'run');
  const restart = text(run, 'restart');
  const retry = readRetry(run);
  return {
    name: text(tree, 'name') ?? '',
    description: text(tree, 'description') ?? '',
    cmd: text(run, 'cmd') ?? '',
    ...(restart === undefined ? {} : { restart }),
    ...(retry === undefined ? {} : { retry }),
    depends: itemsOf(part(run, 'depends')).map(pythonText),
    resources: texts(run, RESOURCE_KEYS),
    ...(part(run, 'args') === undefined ? {} : { args: readArgs(run) }),
  };
}

function readParameter(key: string, tree: Tree): Parameter {
  const values = itemsOf(part(tree, 'values')).map(pythonText);
  const label = part(tree, 'label');
  const labels =
    label?.kind === 'list' ? itemsOf(label).map(pythonText) : labelsOf(text(tree, 'label') ?? '', values);
  return { key, name: text(tree, 'name') ?? key, values, labels };
}
