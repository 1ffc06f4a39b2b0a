import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../../shared/errors.ts';
import type { Cluster } from '../cluster.ts';
import { blobFile } from '../datasets/blobs.ts';

/** A cluster as it stood at one moment: files that nobody changes or removes. */
export interface Snapshot {
  readonly directory: string;
  /** The store. */
  readonly store: string;
  /** Second names of all content that the store knows: `ab/abcd…`. */
  readonly blobs: string;
  remove(): Promise<void>;
}

const PREFIX = '.backup-';

/** Content may be collected as garbage between the look at the store and the one at the disk; not this often. */
const MAX_ROUNDS = 10;

/** All pages at once: the store is then as of one moment, and no writer can make the copy begin again. */
export const ALL_PAGES = 0x7fff_ffff;

/**
 * Takes a snapshot of the store, and of the content that it names by second names of its files, which costs no
 * space. What a backup that was killed has left is removed.
 */
export async function takeSnapshot(cluster: Cluster): Promise<Snapshot> {
  const { root } = cluster.directory;
  for (const name of await readdir(root)) {
    if (name.startsWith(PREFIX)) await rm(join(root, name), { recursive: true, force: true });
  }
  const directory = await mkdtemp(join(root, PREFIX));
  const snapshot = { directory, store: join(directory, 'orchestra.db'), blobs: join(directory, 'blobs') };
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    mkdirSync(snapshot.blobs);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      await copyStore(cluster, snapshot.store);
      if (linkBlobs(cluster, snapshot)) return { ...snapshot, remove };
    }
    const mend = 'look at maestro castor verify, and restore what is missing';
    throw new UserError('content that the store names is not among the blobs', mend);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The store on its own, without the uploads that are under way: their bytes are not in the backup. */
async function copyStore({ store }: Cluster, file: string): Promise<void> {
  rmSync(file, { force: true });
  await store.backup(file, { progress: () => ALL_PAGES });
  const copy = new Database(file);
  try {
    copy.pragma('journal_mode = DELETE');
    copy.exec('DELETE FROM upload');
  } finally {
    copy.close();
  }
}

/** Whether all content that the store names is there. */
function linkBlobs({ directory }: Cluster, snapshot: Pick<Snapshot, 'store' | 'blobs'>): boolean {
  const copy = new Database(snapshot.store, { readonly: true });
  try {
    const names = copy.prepare("SELECT sha256 FROM blob WHERE state = 'sound' ORDER BY sha256").pluck();
    for (const sha256 of names.iterate() as Iterable<string>) {
      if (!linkBlob(blobFile(directory, sha256), snapshot.blobs, sha256)) return false;
    }
    return true;
  } finally {
    copy.close();
  }
}

function linkBlob(blob: string, blobs: string, sha256: string): boolean {
  const folder = join(blobs, sha256.slice(0, 2));
  try {
    mkdirSync(folder, { recursive: true });
    linkSync(blob, join(folder, sha256));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}
