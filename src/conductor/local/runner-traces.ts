import { basename, join } from 'node:path';
import type { Files } from '../../shared/files.ts';
import type { ProcessIdentity } from '../../shared/process-identity.ts';
import { STATE_DIRECTORY } from '../../shared/state/store.ts';
import { readRecords } from '../runner/records-file.ts';
import type { World } from '../world.ts';
import type { RunnerTrace } from './recover.ts';

/** A runner's trace, and how much of its file has been read. */
export interface ReadTrace extends RunnerTrace {
  readonly offset: number;
}

/** `<epoch>-<n>@<host>.records`: the n-th runner of the conductor with this epoch. */
const RECORDS_FILE = /^(\d+)-(\d+)@(.+)\.records$/;

function recordsDirectory(studyDirectory: string): string {
  return join(studyDirectory, STATE_DIRECTORY, 'runner');
}

/** The file for the records of a conductor's n-th runner; its directory is made if need be. */
export function recordsFile(
  studyDirectory: string,
  epoch: number,
  n: number,
  { host, files }: Pick<World, 'host' | 'files'>,
): string {
  const directory = recordsDirectory(studyDirectory);
  files.makeDirectory(directory);
  return join(directory, `${epoch}-${n}@${host}.records`);
}

/**
 * Reads what the runners of these epochs have recorded, oldest first, and looks whether they live. A runner that
 * has recorded nothing yet is known by its command line: it may still start what a conductor that died told it to.
 */
export function readTraces(studyDirectory: string, epochs: ReadonlySet<number>, world: World): ReadTrace[] {
  if (epochs.size === 0) return [];
  const directory = recordsDirectory(studyDirectory);
  // Processes first: one that ends between the two looks has written its last record before the second.
  const living = new Map(
    world.processes.findCommands(`${directory}/`).map(({ argument, identity }) => [argument, identity]),
  );
  const listed = listIfThere(directory, world.files).map((name) => join(directory, name));
  return recordsFiles([...new Set([...listed, ...living.keys()])])
    .filter(({ epoch }) => epochs.has(epoch))
    .map(({ file, epoch, host }) => readTrace({ file, epoch, host, command: living.get(file) }, world));
}

/** What all runners of a study have ever recorded, oldest first, whether they live or not. */
export function readAllTraces(
  studyDirectory: string,
  files: Files,
): Pick<ReadTrace, 'epoch' | 'host' | 'records'>[] {
  const directory = recordsDirectory(studyDirectory);
  return recordsFiles(listIfThere(directory, files).map((name) => join(directory, name))).map(
    ({ file, epoch, host }) => ({ epoch, host, records: readRecords(file, 0, files).records }),
  );
}

/** Those of some files that are of records, with what their names say, oldest first. */
function recordsFiles(
  candidates: readonly string[],
): { readonly file: string; readonly epoch: number; readonly n: number; readonly host: string }[] {
  return candidates
    .flatMap((file) => {
      const match = RECORDS_FILE.exec(basename(file));
      if (match === null) return [];
      return [{ file, epoch: Number(match[1]), n: Number(match[2]), host: match[3]! }];
    })
    .sort((a, b) => a.epoch - b.epoch || a.n - b.n);
}

/** No runner has been started yet where there is no directory; any other error hides what the records say. */
function listIfThere(directory: string, files: Files): string[] {
  try {
    return files.list(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A file of records, and the live process that was told to write it, if there is one on this host. */
interface Found {
  readonly file: string;
  readonly epoch: number;
  readonly host: string;
  readonly command: ProcessIdentity | undefined;
}

/** One runner's trace as it stands now. */
function readTrace({ file, epoch, host, command }: Found, world: World): ReadTrace {
  const { records, offset } = readRecords(file, 0, world.files);
  const first = records.find((record) => record.kind === 'runner');
  const identity =
    first === undefined ? command : { pid: first.pid, startTicks: first.startTicks, bootId: first.bootId };
  const lives = identity !== undefined && world.processes.isAlive(identity);
  const life = host !== world.host ? 'unknown' : lives ? 'alive' : 'dead';
  return { file, epoch, host, identity, life, records, offset };
}
