import { BLOCKS } from './schema.ts';
import type { SpecPath } from './specification.ts';
import { suggestOr } from './suggest.ts';
import { entriesOf, itemsOf, type Tree, treeAt } from './tree.ts';

/** A finding that needs the specification as it was written. */
export interface WrittenProblem {
  readonly severity: 'error' | 'warning';
  readonly path: SpecPath;
  readonly message: string;
  readonly mend: string;
}

/** Blocks and keys that are read and do nothing, and numbers that are not what they look like. */
export function checkWritten(root: Tree): WrittenProblem[] {
  return [...unknownBlocks(root), ...idleKeys(root), ...itemsOf(treeAt(root, ['study'])).flatMap(checkRun)];
}

/** Blocks named `x-…` or `.…` are for anchors that other blocks share. */
const HOLDS_ANCHORS = /^(?:x-|\.)/;

function unknownBlocks(root: Tree): WrittenProblem[] {
  return [...entriesOf(root).keys()]
    .filter((key) => !BLOCKS.includes(key) && !HOLDS_ANCHORS.test(key))
    .map((key) =>
      warn(
        [key],
        `unknown block '${key}' is ignored`,
        suggestOr(key, BLOCKS, "remove it, or begin its name with 'x-' if it only holds anchors"),
      ),
    );
}

function idleKeys(root: Tree): WrittenProblem[] {
  const batch = treeAt(root, ['batch']);
  const type = treeAt(batch, ['type']);
  const scheduler = type?.kind === 'text' ? type.text : 'local';
  const idle = scheduler === 'local' ? ['walltime', 'exclusive'] : ['walltime', 'exclusive', 'gpus'];
  const localOnly = scheduler === 'local' ? [] : ['cores', 'launcher'];
  const has = (key: string): boolean => entriesOf(batch).has(key);
  return [
    ...(itemsOf(treeAt(root, ['env', 'sources'])).length === 0
      ? []
      : [warn(['env', 'sources'], 'sources has no effect', 'source these files in the cmd of the steps')]),
    ...idle
      .filter(has)
      .map((key) => warn(['batch', key], `${key} in batch has no effect`, `set ${key} in the steps`)),
    ...localOnly
      .filter(has)
      .map((key) => warn(['batch', key], `${key} has no effect with type ${scheduler}`, 'remove it')),
  ];
}

const COUNTS = ['nodes', 'procs', 'cores per task', 'tasks per rs', 'rs per node', 'cpus per rs', 'gpus'];

function checkRun(step: Tree, index: number): WrittenProblem[] {
  const found: WrittenProblem[] = [];
  const name = treeAt(step, ['name']);
  const owner = name?.kind === 'text' ? `step '${name.text}'` : `step ${index + 1}`;
  for (const [key, { value }] of entriesOf(treeAt(step, ['run']))) {
    const path = ['study', index, 'run', key];
    if (key === 'pre' || key === 'post') {
      const end = key === 'pre' ? 'beginning' : 'end';
      found.push(warn(path, `${key} of ${owner} has no effect`, `move it to the ${end} of cmd`));
    } else if (key === 'walltime' && value.kind === 'integer' && value.source.includes(':')) {
      const message = `walltime ${value.source} of ${owner} is read by YAML as ${value.value} minutes`;
      found.push(warn(path, message, `put it in quotes: '${value.source}'`));
    } else if (COUNTS.includes(key) && value.kind === 'float' && Number.isInteger(value.value)) {
      const message = `${key} of ${owner} is the number ${value.source}`;
      found.push({ severity: 'error', path, message, mend: `write the whole number ${value.value}` });
    }
  }
  return found;
}

const warn = (path: SpecPath, message: string, mend: string): WrittenProblem => ({
  severity: 'warning',
  path,
  message,
  mend,
});
