import type { Finding } from './finding.ts';
import { nameOf } from './naming.ts';
import { BLOCKS } from './schema.ts';
import type { SpecPath } from './specification.ts';
import { suggestOr } from './suggest.ts';
import { entriesOf, itemsOf, type Tree, treeAt } from './tree.ts';

/** Blocks and keys that are read and do nothing. */
export function checkIdle(root: Tree): Finding[] {
  return [...unknownBlocks(root), ...idleSources(root), ...idleInBatch(root), ...idleInSteps(root)];
}

/** Blocks named `x-…` or `.…` are for anchors that other blocks share. */
const HOLDS_ANCHORS = /^(?:x-|\.)/;

function unknownBlocks(root: Tree): Finding[] {
  const otherwise = "remove it, or begin its name with 'x-' if it only holds anchors";
  return [...entriesOf(root).keys()]
    .filter((key) => !BLOCKS.includes(key) && !HOLDS_ANCHORS.test(key))
    .map((key) => warn([key], `unknown block '${key}' is ignored`, suggestOr(key, BLOCKS, otherwise)));
}

function idleSources(root: Tree): Finding[] {
  const path = ['env', 'sources'];
  if (itemsOf(treeAt(root, path)).length === 0) return [];
  return [warn(path, 'sources has no effect', 'source these files in the cmd of the steps')];
}

const SET_IN_STEPS = ['walltime', 'exclusive'];

const LOCAL_ONLY = ['cores', 'launcher'];

function idleInBatch(root: Tree): Finding[] {
  const batch = treeAt(root, ['batch']);
  const type = treeAt(batch, ['type']);
  const scheduler = type?.kind === 'text' ? type.text : 'local';
  const isLocal = scheduler === 'local';
  return [...entriesOf(batch).keys()].flatMap((key): Finding[] => {
    if (SET_IN_STEPS.includes(key) || (key === 'gpus' && !isLocal)) {
      return [warn(['batch', key], `${key} in batch has no effect`, `set ${key} in the steps`)];
    }
    if (isLocal || !LOCAL_ONLY.includes(key)) return [];
    return [warn(['batch', key], `${key} has no effect with type ${scheduler}`, 'remove it')];
  });
}

function idleInSteps(root: Tree): Finding[] {
  return itemsOf(treeAt(root, ['study'])).flatMap((step, index) =>
    (['pre', 'post'] as const).flatMap((key): Finding[] => {
      const path = ['study', index, 'run', key];
      if (treeAt(step, ['run', key]) === undefined) return [];
      const end = key === 'pre' ? 'beginning' : 'end';
      return [warn(path, `${nameOf(root, path)} has no effect`, `move it to the ${end} of cmd`)];
    }),
  );
}

const warn = (path: SpecPath, message: string, mend: string): Finding => ({
  severity: 'warning',
  path,
  atKey: true,
  message,
  mend,
});
