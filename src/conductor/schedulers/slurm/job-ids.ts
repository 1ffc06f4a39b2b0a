/** A job's id as Slurm prints it, taken apart: `123`, or the element `123_4` of an array. */
export interface JobId {
  /** What sbatch answered: of an array, the id that its elements share. */
  readonly base: string;
  /** Absent where the job is no element of an array. */
  readonly index?: number;
}

const ONE = /^(\d+)(?:_(\d+))?$/;
/** The first component of a heterogeneous job stands for the job, as in sbatch's answer. */
const LEADER = /^(\d+)\+0$/;
/** The elements of an array that wait still, on one line: `123_[0,3-4%2]`. */
const WAITING = /^(\d+)_\[([\d,:-]+)(?:%\d+)?\]$/;
const RANGE = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/;

/** Takes apart the id of one job; undefined where it is none of ours. */
export function parseJobId(text: string): JobId | undefined {
  const match = ONE.exec(text) ?? LEADER.exec(text);
  if (match === null) return undefined;
  const [, base, index] = match;
  return index === undefined ? { base: base! } : { base: base!, index: Number(index) };
}

/** The job id that sbatch's answer for an array of many has for each of its elements, or for a job alone. */
export function memberIds(base: string, members: number): string[] {
  if (members === 1) return [base];
  return Array.from({ length: members }, (_, index) => `${base}_${index}`);
}

/** What the queue means by one id: one job, or all elements of an array that wait. */
export type QueuedIds =
  | { readonly kind: 'one'; readonly base: string; readonly id: string }
  | { readonly kind: 'waiting'; readonly base: string; readonly indexes: () => Iterable<number> };

/** Reads the id column of squeue and sacct; undefined for what cannot be ours. */
export function parseQueuedIds(text: string): QueuedIds | undefined {
  const one = parseJobId(text);
  if (one !== undefined) {
    const id = one.index === undefined ? one.base : `${one.base}_${one.index}`;
    return { kind: 'one', base: one.base, id };
  }
  const waiting = WAITING.exec(text);
  if (waiting === null) return undefined;
  return { kind: 'waiting', base: waiting[1]!, indexes: () => expand(waiting[2]!) };
}

function* expand(expression: string): Iterable<number> {
  for (const part of expression.split(',')) {
    const range = RANGE.exec(part);
    if (range === null) continue;
    const first = Number(range[1]);
    const last = Number(range[2] ?? first);
    const step = Number(range[3] ?? 1) || 1;
    for (let index = first; index <= last; index += step) yield index;
  }
}

/**
 * Few words for many jobs: the elements of one array become one word, `123_[0-5,7]`, which costs the controller
 * one request. What is no job id of Slurm's is left out.
 */
export function compressIds(jobs: Iterable<string>): string[] {
  const alone = new Set<string>();
  const arrays = new Map<string, number[]>();
  for (const job of jobs) {
    const id = parseJobId(job);
    if (id === undefined) continue;
    if (id.index === undefined) {
      alone.add(id.base);
      continue;
    }
    const indexes = arrays.get(id.base);
    if (indexes === undefined) arrays.set(id.base, [id.index]);
    else indexes.push(id.index);
  }
  return [...alone, ...[...arrays].map(([base, indexes]) => `${base}_${rangesOf(indexes)}`)];
}

function rangesOf(indexes: readonly number[]): string {
  const sorted = [...new Set(indexes)].sort((x, y) => x - y);
  if (sorted.length === 1) return String(sorted[0]);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return `[${ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}]`;
}

/** Splits a list so that each part, joined with commas, has no more than that many bytes. */
export function chunksByLength(words: readonly string[], bytes: number): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const word of words) {
    if (chunks.length === 0 || word.length + 1 > room) {
      chunks.push([]);
      room = bytes;
    }
    chunks.at(-1)!.push(word);
    room -= word.length + 1;
  }
  return chunks;
}
