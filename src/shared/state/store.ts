import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../errors.ts';
import { isOnLocalDisk } from './file-system.ts';
import { probeLocks } from './lock-probe.ts';
import { migrate, SCHEMA_VERSION } from './schema.ts';

/** An open store. Statements are prepared by the modules that own them. */
export type Store = Database.Database;

/** `MSTR`: marks a SQLite file as a study's store, so that a foreign database is never written to. */
const APPLICATION_ID = 0x4d535452;

/**
 * How long a statement waits for another process's lock, in milliseconds. Transactions last milliseconds;
 * a network file system may need seconds to notice that a lock is free.
 */
const BUSY_TIMEOUT_MS = 20_000;

/** Where the program keeps its own things in a study directory. */
export const STATE_DIRECTORY = '.maestro';

/** The store of the study in this directory. */
export function storeFile(studyDirectory: string): string {
  return join(studyDirectory, STATE_DIRECTORY, 'study.db');
}

/** Thrown where the store does not hold together: `message` says what is wrong with it. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged';
}

/** Whether this directory is a study's, by the look of it. */
export function isStudyDirectory(directory: string): boolean {
  return existsSync(storeFile(directory));
}

/** Makes a new, empty store in a file that does not exist yet. Its directory must exist. */
export function createStore(file: string): Store {
  const store = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  store.pragma(`application_id = ${APPLICATION_ID}`);
  configure(store, file);
  migrate(store, 0);
  return store;
}

/**
 * Makes a store and fills it, whole or not at all: it appears under its name only once it is complete and on
 * disk. Until then nobody can need it back, so it is filled without a journal, in a tenth of the time.
 */
export function fillStore(file: string, fill: (store: Store) => void): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const store = new Database(draft);
  try {
    store.pragma(`application_id = ${APPLICATION_ID}`);
    store.pragma('journal_mode = OFF');
    store.pragma('synchronous = OFF');
    migrate(store, 0);
    fill(store);
    // Whoever opens it first would else have to write it again, and wait for the disk.
    store.pragma(journalMode(file));
  } finally {
    store.close();
  }
  const descriptor = openSync(draft, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(draft, file);
}

/**
 * Opens the store of a study directory. Throws a UserError where there is none, where the file is damaged or
 * some other program's, or where a newer version of this one wrote it.
 */
export function openStore(studyDirectory: string): Store {
  const file = storeFile(studyDirectory);
  if (!existsSync(file)) {
    if (existsSync(dirname(file))) {
      throw new UserError(`${file} is gone`, `restore it: maestro doctor --rebuild ${studyDirectory}`);
    }
    const what = existsSync(studyDirectory) ? 'is not a study directory' : 'does not exist';
    throw new UserError(`${studyDirectory} ${what}`, 'name a directory that maestro run has made');
  }
  let store: Store | undefined;
  try {
    store = new Database(file, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true });
    const version = checkedVersion(store, file);
    configure(store, file);
    migrate(store, version);
    return store;
  } catch (error) {
    store?.close();
    throw explainStoreError(error, studyDirectory);
  }
}

/**
 * Opens a store to be read only: of a study that is at rest on a disk that cannot be written, too, where SQLite
 * itself would refuse. Throws what `openStore` throws.
 */
export function openStoreToRead(studyDirectory: string): Store {
  try {
    return openStore(studyDirectory);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: string };
    const isUnwritable = /^SQLITE_(?:READONLY|CANTOPEN)/.test(code ?? '');
    const copy = isUnwritable ? copyInMemory(storeFile(studyDirectory)) : undefined;
    if (copy === undefined) throw error;
    return copy;
  }
}

/** Where in a database's header its journal is named: 1 for a rollback journal, 2 for a WAL. */
const JOURNAL_BYTES = { from: 18, to: 20 } as const;

/** A store as its file has it; undefined where a part of it stands in a journal beside the file. */
function copyInMemory(file: string): Store | undefined {
  const journals = [`${file}-wal`, `${file}-journal`].filter((journal) => existsSync(journal));
  if (journals.some((journal) => statSync(journal).size > 0)) return undefined;
  const bytes = readFileSync(file);
  // In memory there is no WAL, and SQLite opens nothing that says it has one.
  bytes.fill(1, JOURNAL_BYTES.from, JOURNAL_BYTES.to);
  const store = new Database(bytes);
  migrate(store, checkedVersion(store, file));
  return store;
}

/** Whether an error of the store tells of damage to its file, and not of the disk or the locks. */
export function isDamage(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (error instanceof StoreDamaged || /^SQLITE_(?:NOTADB|CORRUPT)/.test(code ?? '')) return true;
  // Its schema is not the one that this program has made.
  return code === 'SQLITE_ERROR' && /^no such (?:table|column)/.test(message);
}

/**
 * What SQLite complains of as the user's business: which file, and the mend. Answers any other error as it is.
 */
export function explainStoreError(error: unknown, studyDirectory: string): unknown {
  const file = storeFile(studyDirectory);
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  if (isDamage(error)) {
    const mend = `restore it: maestro doctor --rebuild ${studyDirectory}`;
    return new UserError(`${file} is damaged: ${message}`, mend, { cause: error });
  }
  if (error instanceof UserError || !code.startsWith('SQLITE_')) return error;
  const reason = LOCK_TROUBLE.test(code) ? lockTrouble(dirname(file)) : undefined;
  if (reason !== undefined) return reason;
  if (/^SQLITE_(?:READONLY|CANTOPEN)/.test(code) && isOnReadOnlyFileSystem(file)) {
    const mend = 'SQLite needs to write even to read: try again once it can be written';
    return new UserError(`${file} cannot be used: its file system is read-only`, mend, { cause: error });
  }
  const mends: Record<string, string> = {
    SQLITE_FULL: 'the disk is full: make room',
    SQLITE_BUSY: 'another process has held its lock for too long: try again',
    SQLITE_IOERR: 'the file system fails: see what the system says of it, then try again',
    SQLITE_PROTOCOL: 'locks fail on its file system: try again',
    SQLITE_CANTOPEN: 'see that its directory may be written to: SQLite needs that even to read',
    SQLITE_READONLY: 'see that its directory may be written to: SQLite needs that even to read',
  };
  const mend = Object.entries(mends).find(([kind]) => code.startsWith(kind))?.[1];
  // Whatever else SQLite complains of is a mistake of this program.
  if (mend === undefined) return error;
  return new UserError(`${file} cannot be used: ${message} (${code})`, mend, { cause: error });
}

function isOnReadOnlyFileSystem(file: string): boolean {
  try {
    accessSync(dirname(file), constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/** What SQLite complains of where somebody holds a lock, or where there are no locks. */
const LOCK_TROUBLE = /^SQLITE_(?:BUSY|PROTOCOL|IOERR_\w*LOCK)/;

/** That locks do not work in a directory, if that is so. */
function lockTrouble(directory: string): UserError | undefined {
  try {
    probeLocks(directory);
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  return undefined;
}

function journalMode(file: string): string {
  return `journal_mode = ${isOnLocalDisk(dirname(file)) ? 'WAL' : 'TRUNCATE'}`;
}

function configure(store: Store, file: string): void {
  store.pragma(journalMode(file));
  // A transition must be on disk before it is acted on: a power failure must not forget a submission.
  store.pragma('synchronous = FULL');
  store.pragma('foreign_keys = ON');
}

function checkedVersion(store: Store, file: string): number {
  if (statSync(file).size === 0) throw new StoreDamaged('it is empty');
  const applicationId = store.pragma('application_id', { simple: true });
  if (applicationId !== APPLICATION_ID) {
    throw new UserError(`${file} is not a study's store`, 'another program wrote it; move it away');
  }
  const version = store.pragma('user_version', { simple: true }) as number;
  if (version < 1) throw new StoreDamaged('it does not say which schema it has');
  if (version > SCHEMA_VERSION) {
    throw new UserError(
      `${file} was written by a newer maestro (its schema is ${version}, this program knows ${SCHEMA_VERSION})`,
      'use that version or a later one',
    );
  }
  return version;
}
