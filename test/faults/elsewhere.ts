import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { storeFile } from '../../src/shared/state/store.ts';
import type { Place } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';

/** A program to run commands under, as on another host that shares this one's disk. */
export function onHost(name: string): readonly string[] {
  return ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', name];
}

/** A program to run commands under, as after the machine has restarted: the kernel has another name for its boot. */
export function afterReboot(place: Place): readonly string[] {
  const file = place.path('..', 'boot-id');
  writeFileSync(file, '01234567-89ab-cdef-0123-456789abcdef\n');
  const mount = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', mount, file];
}

/** Why this machine cannot be made to look like another; false where it can. */
export function noOtherMachines(): string | false {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-elsewhere-'));
  const place = { path: (...parts: string[]) => join(directory, 'place', ...parts) } as Place;
  try {
    const works = [onHost('elsewhere'), afterReboot(place)].every(([program, ...args]) => {
      return spawnSync(program!, [...args, 'true']).status === 0;
    });
    return works ? false : 'only root can give a process another host name or another boot of the machine';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Changes what the lease says, as time or another machine would have. */
export function rewriteLease(study: StudyUnderTest, change: string, ...values: readonly unknown[]): void {
  const store = new Database(storeFile(study.directory), { timeout: 20_000 });
  store.prepare(`UPDATE lease SET ${change}`).run(...values);
  store.close();
}

/** Five minutes without a sign of life. */
export const SILENT_FOR_LONG = 'heartbeat = heartbeat - 300000';
