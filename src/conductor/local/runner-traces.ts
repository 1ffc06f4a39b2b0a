import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../shared/process-identity.ts';
import { STATE_DIRECTORY } from '../../shared/state/store.ts';
import { readRecords } from '../runner/records-file.ts';
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
export function recordsFile(studyDirectory: string, epoch: number, n: number, host: string): string {
  const directory = recordsDirectory(studyDirectory);
  mkdirSync(directory, { recursive: true });
  return join(directory, `${epoch}-${n}@${host}.records`);
}

/** Reads what the runners of these epochs have recorded, oldest first, and looks whether they live. */
export function readTraces(studyDirectory: string, epochs: ReadonlySet<number>, host: string): ReadTrace[] {
  const directory = recordsDirectory(studyDirectory);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((name) => {
      const match = RECORDS_FILE.exec(name);
      if (match === null || !epochs.has(Number(match[1]))) return [];
      return [{ name, epoch: Number(match[1]), n: Number(match[2]), host: match[3]! }];
    })
    .sort((a, b) => a.epoch - b.epoch || a.n - b.n)
    .map(({ name, epoch, host: ofHost }) => readTrace(join(directory, name), epoch, ofHost, host));
}

/** One runner's trace as it stands now. */
function readTrace(file: string, epoch: number, ofHost: string, host: string): ReadTrace {
  const { records, offset } = readRecords(file, 0);
  const first = records.find((record) => record.kind === 'runner');
  const identity =
    first === undefined ? undefined : { pid: first.pid, startTicks: first.startTicks, bootId: first.bootId };
  const isHere = ofHost === host;
  const life = !isHere ? 'unknown' : identity !== undefined && isAlive(identity) ? 'alive' : 'dead';
  return { file, epoch, host: ofHost, identity, life, records, offset };
}
