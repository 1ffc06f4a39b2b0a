import { join } from 'node:path';
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

/** Reads what the runners of these epochs have recorded, oldest first, and looks whether they live. */
export function readTraces(studyDirectory: string, epochs: ReadonlySet<number>, world: World): ReadTrace[] {
  const directory = recordsDirectory(studyDirectory);
  if (!world.files.exists(directory)) return [];
  return world.files
    .list(directory)
    .flatMap((name) => {
      const match = RECORDS_FILE.exec(name);
      if (match === null || !epochs.has(Number(match[1]))) return [];
      return [{ name, epoch: Number(match[1]), n: Number(match[2]), host: match[3]! }];
    })
    .sort((a, b) => a.epoch - b.epoch || a.n - b.n)
    .map(({ name, epoch, host: ofHost }) => readTrace(join(directory, name), epoch, ofHost, world));
}

/** One runner's trace as it stands now. */
function readTrace(file: string, epoch: number, ofHost: string, world: World): ReadTrace {
  const { records, offset } = readRecords(file, 0, world.files);
  const first = records.find((record) => record.kind === 'runner');
  const identity =
    first === undefined ? undefined : { pid: first.pid, startTicks: first.startTicks, bootId: first.bootId };
  const isHere = ofHost === world.host;
  const lives = identity !== undefined && world.processes.isAlive(identity);
  const life = !isHere ? 'unknown' : lives ? 'alive' : 'dead';
  return { file, epoch, host: ofHost, identity, life, records, offset };
}
