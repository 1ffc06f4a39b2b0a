import { mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import PQueue from 'p-queue';
import { UserError } from '../errors.ts';
import { makeDirectories } from '../make-directories.ts';
import { type Clone, describeClone, occupied, REPOSITORIES_AT_A_TIME, standsAt } from './dependencies.ts';
import { cloneAt, type GitOptions } from './git.ts';

/**
 * Clones what `checkDependencies` has found, some at a time. Each becomes visible at once and whole, under its own
 * name; if one fails or the run is given up, all of this call's clones and directories are removed again. Throws a
 * UserError with the dependency, what was selected and git's own words.
 */
export async function acquireDependencies(clones: readonly Clone[], options: GitOptions): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const queue = new PQueue({ concurrency: REPOSITORIES_AT_A_TIME });
  const created: Created = { clones: [], directories: [] };
  let failure: { readonly error: unknown } | undefined;
  const attempts = clones.map((clone) =>
    queue.add(async () => {
      try {
        signal.throwIfAborted();
        await acquire(clone, { ...options, signal }, created);
      } catch (error) {
        // The first failure is the cause; those that follow are the stop that it asked for.
        failure ??= { error };
        stop.abort();
      }
    }),
  );
  await Promise.all(attempts);
  if (failure === undefined) return;
  await remove(created);
  throw failure.error;
}

/** What this call has put on disk, in order. */
interface Created {
  readonly clones: string[];
  /** Directories made on the way to a clone, outermost first. */
  readonly directories: string[];
}

async function acquire(clone: Clone, options: GitOptions, created: Created): Promise<void> {
  if (standsAt(clone.directory)) throw occupiedError(clone);
  const temporary = await makeTemporary(clone, created);
  try {
    const whole = join(temporary, clone.name);
    const outcome = await cloneAt(clone.url, clone.ref, whole, options);
    if (!outcome.ok) {
      throw new UserError(
        `${describeClone(clone)} could not be cloned: git says: ${outcome.said}`,
        'mend that, and run the study again',
      );
    }
    // Fails if something has come to stand there meanwhile; an empty directory is nothing to be lost.
    await rename(whole, clone.directory).catch(() => {
      throw occupiedError(clone);
    });
    created.clones.push(clone.directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function occupiedError(clone: Clone): UserError {
  const { message, mend } = occupied(clone);
  return new UserError(message, mend);
}

/** A directory beside the clone-to-be, made with those above it, of which the new ones are noted. */
async function makeTemporary(clone: Clone, created: Created): Promise<string> {
  const parent = dirname(clone.directory);
  try {
    created.directories.push(...makeDirectories(parent));
    return await mkdtemp(join(parent, `.${clone.name}-`));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `dependency ${clone.name}: nothing can be put into ${parent}: ${reason}`,
      'give the dependency another path',
      { cause: error },
    );
  }
}

async function remove({ clones, directories }: Created): Promise<void> {
  for (const clone of clones) await rm(clone, { recursive: true, force: true });
  for (const directory of directories.reverse()) {
    // Whoever has put something into it meanwhile keeps it.
    await rmdir(directory).catch(() => undefined);
  }
}
