import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** An attempt, by what its output files are found by. */
export interface AttemptPlace {
  /** The step's workspace, absolute. */
  readonly workspace: string;
  readonly number: number;
  /** Whether it is the step's newest. */
  readonly isNewest: boolean;
  /** What the scheduler calls it, or its process id; null where it has none yet. */
  readonly job: string | null;
}

/**
 * The file into which an attempt writes its standard output or error; undefined where there is none. Files carry
 * the job in their names: `<step>.<job>.out`; what stands before it may be a hash. Where a workspace was moved
 * aside by a clean retry they are found there.
 */
export function outputFile(attempt: AttemptPlace, stream: 'out' | 'err'): string | undefined {
  const { job } = attempt;
  if (job === null) return undefined;
  for (const directory of candidates(attempt)) {
    if (!existsSync(directory)) continue;
    const name = readdirSync(directory).find((file) => file.endsWith(`.${job}.${stream}`));
    if (name !== undefined) return join(directory, name);
  }
  return undefined;
}

/**
 * Where an attempt may have written, likeliest first. An earlier attempt is not looked for in the workspace before
 * all others: the newest may have been given its process id again. Only then are the workspace's siblings read,
 * of which there may be many.
 */
function* candidates({ workspace, number, isNewest }: AttemptPlace): Generator<string> {
  if (isNewest) yield workspace;
  yield* movedAside(workspace, number);
  if (!isNewest) yield workspace;
}

/**
 * Workspaces that were moved aside and may hold this attempt: `<workspace>.attempt-N` has what there was up to
 * attempt N since the move before it, so the one with the least N comes first.
 */
function movedAside(workspace: string, attempt: number): string[] {
  const parent = dirname(workspace);
  if (!existsSync(parent)) return [];
  const prefix = `${basename(workspace)}.attempt-`;
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ name, last: Number.parseInt(name.slice(prefix.length), 10) }))
    .filter(({ last }) => last >= attempt)
    .sort((a, b) => a.last - b.last)
    .map(({ name }) => join(parent, name));
}
