import { closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../../shared/errors.ts';
import { isOnLocalDisk } from '../../../shared/state/file-system.ts';
import { migration0001 } from './migrations/0001-cluster.ts';

/** The cluster's open store. Statements are prepared by the rooms that own their tables. */
export type ClusterStore = Database.Database;

/** `MORC`: marks a SQLite file as a cluster's store, so that a foreign database is never written to. */
const APPLICATION_ID = 0x4d4f5243;

/** In order; the position, counted from 1, is the schema version that a migration leads to. */
const MIGRATIONS: readonly string[] = [migration0001];

/**
 * How long a statement waits for another process's lock, in milliseconds. The console commands work on the
 * store while the server runs, in transactions of milliseconds.
 */
const BUSY_TIMEOUT_MS = 10_000;

/** The store in a data directory. */
export function clusterStoreFile(dataDirectory: string): string {
  return join(dataDirectory, 'orchestra.db');
}

/**
 * Opens the store of a data directory; with `mayMake` it makes one where there is none. Throws a UserError
 * where there is none, where another program or a newer version wrote it, or where it is damaged.
 */
export function openClusterStore(
  dataDirectory: string,
  { mayMake = false }: { readonly mayMake?: boolean } = {},
): ClusterStore {
  const file = clusterStoreFile(dataDirectory);
  const isNew = !existsSync(file) || statSync(file).size === 0;
  if (isNew && !mayMake) {
    const mend = 'name the directory that was given to maestro orchestra serve --data';
    throw new UserError(`${dataDirectory} is no cluster's data directory`, mend);
  }
  let store: ClusterStore | undefined;
  try {
    // Hashes of passwords are in there; the files that SQLite makes beside it have its permissions.
    if (isNew) closeSync(openSync(file, 'a', 0o600));
    store = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    if (isNew) store.pragma(`application_id = ${APPLICATION_ID}`);
    const version = isNew ? 0 : checkedVersion(store, file);
    store.pragma(`journal_mode = ${isOnLocalDisk(dirname(file)) ? 'WAL' : 'TRUNCATE'}`);
    // What was acknowledged must survive a power failure.
    store.pragma('synchronous = FULL');
    store.pragma('foreign_keys = ON');
    migrate(store, version);
    if (isNew) syncDirectory(dataDirectory);
    return store;
  } catch (error) {
    store?.close();
    throw explained(error, file);
  }
}

function checkedVersion(store: ClusterStore, file: string): number {
  if (store.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new UserError(`${file} is not a cluster's store`, 'another program wrote it; move it away');
  }
  const version = store.pragma('user_version', { simple: true }) as number;
  if (version > MIGRATIONS.length) {
    throw new UserError(
      `${file} was written by a newer maestro (its schema is ${version}, this program knows ${MIGRATIONS.length})`,
      'use that version or a later one',
    );
  }
  return version;
}

function migrate(store: ClusterStore, version: number): void {
  MIGRATIONS.slice(version).forEach((sql, index) => {
    store.transaction(() => {
      store.exec(sql);
      store.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** What SQLite says of the file as the administrator's business. */
function explained(error: unknown, file: string): unknown {
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  if (error instanceof UserError || !code.startsWith('SQLITE_')) return error;
  const isDamage = /^SQLITE_(?:NOTADB|CORRUPT)/.test(code);
  const mend = isDamage ? 'restore a backup: maestro orchestra restore' : 'see that it may be written to';
  return new UserError(`${file} cannot be used: ${message} (${code})`, mend, { cause: error });
}
