import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { UserError } from '../errors.ts';
import { isOnLocalDisk } from './file-system.ts';

/** How long the other process may take on a slow file system, in milliseconds. */
const WITNESS_MS = 30_000;

/** The exit code of a process that could lock what another one holds. */
const NOT_HELD = 3;

const MEND =
  'keep the study on another file system, or have locks switched on for this one (NFS: without nolock; Lustre: with flock)';

/**
 * Looks whether locks work on the file system of a directory: whether a file that nobody else knows can be locked,
 * and, where the file system may be shared between hosts, whether that keeps another process out. Two conductors
 * could else write one store at once. Throws a UserError where they do not work.
 */
export function probeLocks(directory: string): void {
  const file = join(directory, `locks-${process.pid}-${randomBytes(4).toString('hex')}`);
  const probe = new Database(file, { timeout: 0 });
  try {
    lock(probe, directory);
    if (!isOnLocalDisk(directory) && !keepsOthersOut(file)) {
      throw new UserError(
        `locks do not work on the file system of ${directory}: two processes could hold the same one`,
        MEND,
      );
    }
    probe.exec('ROLLBACK');
  } finally {
    probe.close();
    rmSync(file, { force: true });
  }
}

function lock(probe: Database.Database, directory: string): void {
  try {
    // Nothing of it is to be kept, so nothing has to reach the disk.
    probe.pragma('synchronous = OFF');
    probe.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    const { code = '' } = error as { readonly code?: string };
    // Nobody can be holding it: SQLite takes ENOLCK for a lock of somebody else's.
    if (!/^SQLITE_(?:BUSY|PROTOCOL|IOERR_\w*LOCK)/.test(code)) throw error;
    throw new UserError(`locks do not work on the file system of ${directory} (${code})`, MEND, {
      cause: error,
    });
  }
}

/** Only a process that says that it got the lock speaks against it: one that cannot even start says nothing. */
function keepsOthersOut(file: string): boolean {
  const witness = fileURLToPath(new URL('./lock-witness.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [witness, file], { timeout: WITNESS_MS, stdio: 'ignore' });
  return status !== NOT_HELD;
}
