import { pythonText } from './python-text.ts';
import { type BatchType, type Growth, RETRY_STATES, type Retry, type RetryState } from './specification.ts';
import { entriesOf, itemsOf, type Tree, treeAt } from './tree.ts';

/** The longest `backoff`, in milliseconds: who is to wait longer had better be told. */
export const LONGEST_BACKOFF_MS = 24 * 3600 * 1000;

/** Options by which jobs ask for memory, without their dashes: what `grow.memory` multiplies. */
export const MEMORY_OPTIONS: Readonly<Record<BatchType, readonly string[]>> = {
  local: [],
  slurm: ['mem', 'mem-per-cpu', 'mem-per-gpu'],
  lsf: ['M'],
  flux: [],
  pbs: ['mem', 'pmem', 'vmem', 'pvmem'],
};

/** Reads a block's `retry`; undefined where there is none. What breaks the schema is left out. */
export function readRetry(block: Tree | undefined): Retry | undefined {
  const tree = treeAt(block, ['retry']);
  if (tree?.kind !== 'mapping') return undefined;
  const attempts = numberAt(tree, 'attempts');
  const backoffMs = readBackoff(treeAt(tree, ['backoff']));
  const on = treeAt(tree, ['on']);
  const grow = treeAt(tree, ['grow']);
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(backoffMs === undefined ? {} : { backoffMs }),
    ...(on?.kind === 'list' ? { on: itemsOf(on).flatMap(readEnding) } : {}),
    ...(grow?.kind === 'mapping' ? { grow: readGrowth(grow) } : {}),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A number is seconds; a text has its unit. */
function readBackoff(tree: Tree | undefined): number | undefined {
  if (tree?.kind === 'integer' || tree?.kind === 'float') return Number(tree.value) * 1000;
  const match = tree?.kind === 'text' ? /^\s*(\d+(?:\.\d+)?)\s*(ms|[smhd])\s*$/.exec(tree.text) : null;
  return match === null ? undefined : Math.round(Number(match[1]) * UNIT_MS[match[2]!]!);
}

function readEnding(tree: Tree): (RetryState | number)[] {
  if (tree.kind === 'integer') return [Number(tree.value)];
  return RETRY_STATES.filter((state) => state === pythonText(tree));
}

function readGrowth(tree: Tree): Growth {
  const known = (['walltime', 'memory'] as const).filter((key) => entriesOf(tree).has(key));
  return Object.fromEntries(known.map((key) => [key, numberAt(tree, key) ?? 1]));
}

function numberAt(tree: Tree, key: string): number | undefined {
  const value = treeAt(tree, [key]);
  return value?.kind === 'integer' || value?.kind === 'float' ? Number(value.value) : undefined;
}
