import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../../shared/errors.ts';

/**
 * Locks a data directory for this process: two servers on one would each start the other's jobs again. The lock is
 * the kernel's, on a file that SQLite locks and nobody reads, so that it goes with its holder however that ends.
 * Answers what gives it back. Throws a UserError that names the holder.
 */
export function lockDataDirectory(directory: string, now: number): () => void {
  const holder = join(directory, 'server.json');
  const lock = new Database(join(directory, 'server.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const { code = '' } = error as { readonly code?: string };
    if (!code.startsWith('SQLITE_BUSY')) throw error;
    throw new UserError(
      `${directory} is served already${describeHolder(holder)}`,
      'stop that server first, or give this one a directory of its own',
    );
  }
  const about = { pid: process.pid, host: hostname(), startedAt: new Date(now).toISOString() };
  writeFileSync(holder, `${JSON.stringify(about)}\n`, { mode: 0o600 });
  return () => {
    lock.close();
  };
}

/** Whom the file names beside the lock; it may be older than the lock, or cut short. */
function describeHolder(file: string): string {
  try {
    const { pid, host, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return `, by pid ${pid} on host ${host} since ${startedAt}`;
  } catch {
    return '';
  }
}
