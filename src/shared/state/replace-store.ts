import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fillStore, type Store, storeFile } from './store.ts';

/** What SQLite keeps beside a store's file. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const;

/** The first name of its kind, `<file>.damaged-N`, that is free. */
export function freeDamagedName(file: string): string {
  for (let n = 1; ; n++) {
    const name = `${file}.damaged-${n}`;
    if (!existsSync(name)) return name;
  }
}

/**
 * Keeps what there is of a study's store beside it, for good, with whatever SQLite has beside that. Answers where;
 * undefined where there is nothing.
 */
export function keepDamaged(studyDirectory: string): string | undefined {
  const file = storeFile(studyDirectory);
  if (!existsSync(file)) return undefined;
  const kept = freeDamagedName(file);
  for (const companion of ['', ...COMPANIONS]) {
    if (!existsSync(file + companion)) continue;
    copyFileSync(file + companion, kept + companion);
    sync(kept + companion);
  }
  return kept;
}

/**
 * Puts a new store in the place of a damaged one. The old file is emptied before: a conductor that still has it
 * open, because it was only suspended, then fails at its next look in place of going on beside the new one; and
 * whatever happens in between, an empty store is taken for damaged, never for an older state of the study.
 */
export function replaceStore(studyDirectory: string, fill: (store: Store) => void): void {
  const file = storeFile(studyDirectory);
  const restored = `${file}.restored`;
  fillStore(restored, fill);
  if (existsSync(file)) {
    const old = openSync(file, 'r+');
    ftruncateSync(old, 0);
    fsyncSync(old);
    closeSync(old);
  }
  for (const companion of COMPANIONS) rmSync(file + companion, { force: true });
  renameSync(restored, file);
  sync(dirname(file));
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
