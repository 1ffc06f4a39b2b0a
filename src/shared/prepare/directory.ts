import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { makeDirectories } from '../make-directories.ts';
import { writeCopy } from '../state/copy/store-copy.ts';
import { describeHolder, judgeLease, readLease } from '../state/lease.ts';
import { probeLocks } from '../state/lock-probe.ts';
import { freshRows, statusPieces } from '../state/status-csv.ts';
import { fillStore, openStore, STATE_DIRECTORY, type Store, storeFile } from '../state/store.ts';
import { recordStudy, type StudySource } from '../state/study-record.ts';
import { paramsText } from '../study/params.ts';
import { programVersion } from '../version.ts';
import { acquireDependencies } from './acquire.ts';
import { freeDirectory } from './free-directory.ts';
import { withoutPassword } from './git.ts';
import { metaFiles } from './meta.ts';
import { type CheckedStudy, moveTo } from './prepare.ts';
import { writeStepFiles } from './step-files.ts';
import { writePieces } from './write-pieces.ts';

/** Steps whose scripts are written between two looks whether somebody wants to stop: some hundredths of a second. */
const STEPS_AT_A_TIME = 500;

/** How many directories are tried when others are made in the same moment. */
const PLACES = 20;

/**
 * Makes the study directory of a checked study: the copied specification, meta files, dependencies, the store;
 * all scripts too where it is a dry one. Answers its path, which is another than was checked only if somebody
 * took that one meanwhile. Whatever fails, nothing of it is left behind, and a study that was to be replaced is
 * back in its place; so too where the request's signal is aborted.
 */
export async function createStudyDirectory(checked: CheckedStudy): Promise<string> {
  if (checked.exists === 'nothing') return createNew(checked);
  const { directory } = checked;
  refuseIfInUse(checked);
  const aside = freeDirectory(join(dirname(directory), `.${basename(directory)}.replaced`));
  renameSync(directory, aside);
  try {
    await createNew({ ...checked, exists: 'nothing' });
  } catch (error) {
    renameSync(aside, directory);
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
  return directory;
}

async function createNew(checked: CheckedStudy): Promise<string> {
  const placed = await claimDirectory(checked);
  const { directory, study } = placed;
  try {
    await fill(placed);
    return directory;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    if (study.scriptDirectory !== undefined) rmSync(study.scriptDirectory, { recursive: true, force: true });
    throw explained(error, directory);
  }
}

/** Makes the directory itself. Only a directory that was named after the time may be given another name. */
async function claimDirectory(checked: CheckedStudy): Promise<CheckedStudy> {
  let placed = checked;
  for (let tries = 1; ; tries++) {
    try {
      makeDirectories(dirname(placed.directory));
      mkdirSync(placed.directory);
      return placed;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isTaken || checked.request.out !== undefined || tries === PLACES) {
        throw explained(error, placed.directory);
      }
      placed = await moveTo(checked, freeDirectory(checked.directory));
    }
  }
}

async function fill(checked: CheckedStudy): Promise<void> {
  const { request, directory, specification, study, expansion, clones } = checked;
  const { cwd, signal, generator } = request;
  mkdirSync(join(directory, 'logs'));
  mkdirSync(join(directory, 'meta'));
  mkdirSync(join(directory, STATE_DIRECTORY), { mode: 0o700 });
  probeLocks(join(directory, STATE_DIRECTORY));
  writeFileSync(join(directory, basename(specification.file)), specification.text);
  if (generator !== undefined) {
    copyFileSync(resolve(cwd, generator), join(directory, basename(generator)));
  }
  for (const { path, pieces } of metaFiles(checked, process.env)) writePieces(join(directory, path), pieces);
  await acquireDependencies(clones, { cwd, ...(signal === undefined ? {} : { signal }) });
  if (study.scriptDirectory !== undefined) mkdirSync(study.scriptDirectory, { mode: 0o700 });
  if (request.dry) {
    for (let step = 0; step < expansion.count; step++) {
      if (step % STEPS_AT_A_TIME === 0) await heed(signal);
      writeStepFiles(study, expansion, step, { number: 1, growth: 0 });
    }
  }
  await heed(signal);
  createRecords(checked);
  await heed(signal);
}

/** Lets what has come in the meantime be heard, and throws if that was the wish to stop. */
async function heed(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return;
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

/** The store comes last: a directory without one is no study, whatever else it holds. */
function createRecords(checked: CheckedStudy): void {
  const { request, directory, study, expansion } = checked;
  const { limits, dry } = request;
  const source = sourceOf(checked);
  const now = request.now.getTime();
  const state = dry ? 'DRYRUN' : 'INITIALIZED';
  const params = (step: number): string => paramsText(study, expansion, step);
  writePieces(join(directory, 'status.csv'), statusPieces(freshRows(expansion, state), params, now));
  fillStore(storeFile(directory), (store) => {
    const record = recordStudy(store, study, expansion, limits, {
      now,
      version: programVersion(),
      state,
      source,
    });
    writeCopy(directory, store, record);
  });
}

/** What the store remembers of where a checked study came from. */
export function sourceOf({ specification, clones }: CheckedStudy): StudySource {
  return {
    specification: basename(specification.file),
    clones: clones.map(({ name, url, ref, directory }) => ({
      name,
      url: withoutPassword(url),
      ...(ref !== undefined && { ref }),
      directory,
    })),
  };
}

/** A directory is replaced only if it is a study that nobody conducts, or has nothing in it. */
export function refuseIfInUse({ directory, exists }: CheckedStudy): void {
  if (exists === 'something else') {
    if (isEmpty(directory)) return;
    throw new UserError(
      `${directory} exists and is no study directory`,
      'remove it yourself, or name another with -o',
    );
  }
  const store: Store = openStore(directory);
  try {
    const lease = readLease(store);
    if (lease === undefined || judgeLease(lease, Date.now()) !== 'live') return;
    throw new UserError(
      `the study in ${directory} is being conducted by ${describeHolder(lease)}`,
      `end it first: maestro cancel ${directory}`,
    );
  } finally {
    store.close();
  }
}

function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch {
    return false;
  }
}

/** Disks that are full and places that may not be written are the user's to mend: no stack trace for those. */
function explained(error: unknown, directory: string): unknown {
  const { code: found, path, message } = error as NodeJS.ErrnoException;
  // Making the directories above: what exists there and is none is a file.
  const code = found === 'EEXIST' && path !== directory ? 'ENOTDIR' : found;
  const mends: Record<string, string> = {
    ENOSPC: 'the disk is full: make room, or name another place with -o',
    EDQUOT: 'your quota is used up: make room, or name another place with -o',
    EACCES: 'you may not write there: name another place with -o',
    EPERM: 'you may not write there: name another place with -o',
    EROFS: 'the file system is read-only: name another place with -o',
    ENOENT: 'a part of that path cannot be made: name another place with -o',
    ENOTDIR: 'a part of that path is a file: name another place with -o',
    EEXIST: 'it appeared a moment ago: run again, or name another place with -o',
    ENAMETOOLONG: 'shorten the name of the study, or name a shorter place with -o',
    SQLITE_FULL: 'the disk is full: make room, or name another place with -o',
  };
  const mend = code === undefined ? undefined : mends[code];
  if (mend === undefined) return error;
  return new UserError(`${path ?? directory} cannot be written (${code ?? message})`, mend, { cause: error });
}
