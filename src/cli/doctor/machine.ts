import { statfsSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { capacityOf } from '../../conductor/machine.ts';
import { availableRunner, type RunnerKind } from '../../conductor/runner/runner.ts';
import type { Batch } from '../../shared/spec/specification.ts';
import { localFileSystem } from '../../shared/state/file-system.ts';

/** What this machine is to a study. */
export interface MachineFacts {
  readonly host: string;
  /** What steps may use together. */
  readonly cores: number;
  readonly gpus: number;
  readonly runner: RunnerKind;
  /** What to do for the native runner, as a clause; undefined where it is used. */
  readonly runnerMend: string | undefined;
  /** The current directory, where studies are made. */
  readonly directory: string;
  readonly fileSystem: string;
  /** How a store there is kept from half-written changes. */
  readonly journal: 'WAL' | 'rollback';
}

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Common file systems that other hosts share, by f_type of statfs(2). */
const SHARED_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x19830326, 'beegfs'],
  [0x00c36400, 'ceph'],
  [0xfe534d42, 'smb'],
  [0xff534d42, 'cifs'],
  [0x65735546, 'fuse'],
]);

/** Looks at this machine, as a study with this batch block would. */
export function machineFacts(batch: Batch, directory: string): MachineFacts {
  const runner = availableRunner();
  const local = localFileSystem(directory);
  const { type } = statfsSync(directory);
  return {
    host: hostname(),
    ...capacityOf(batch),
    runner,
    runnerMend: runner === 'native' ? undefined : runnerMend(),
    directory,
    fileSystem: local ?? SHARED_FILE_SYSTEMS.get(type) ?? `type 0x${type.toString(16)}`,
    journal: local === undefined ? 'rollback' : 'WAL',
  };
}

function runnerMend(): string {
  if (process.env.MAESTRO_RUNNER === 'shell') return 'MAESTRO_RUNNER asks for it';
  return `with a C compiler, make and python3, \`npm --prefix ${PACKAGE} run install\` builds the native one`;
}
