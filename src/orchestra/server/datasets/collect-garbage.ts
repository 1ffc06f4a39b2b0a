import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { blobFile } from './blobs.ts';
import { resumableDirectory, uploadById, uploadFile } from './upload-rows.ts';

const HOUR_MS = 3_600_000;

/** An upload that has got no bytes for so long will not go on: three days are a long weekend. */
const STALE_UPLOAD_MS = 72 * HOUR_MS;

/**
 * Content that nobody needs stays for so long: it may be of an upload that is about to be recorded, or of a
 * dataset that is deleted to be uploaded anew.
 */
const SPARE_BLOB_MS = HOUR_MS;

/** Blobs that go in one transaction, which holds up every upload while it lasts. */
const BLOBS_AT_ONCE = 200;

/** What has been removed. */
export interface Collection {
  readonly blobs: number;
  /** Bytes of those blobs. */
  readonly bytes: number;
  readonly uploads: number;
  readonly directories: number;
}

/**
 * Removes content that no file needs, uploads that will not go on, and empty directories of the volume. Safe while
 * the server runs: what is recorded and what is removed is decided in transactions that exclude each other, and an
 * upload that finds its content removed puts it back.
 */
export async function collectGarbage(cluster: Cluster): Promise<Collection> {
  const uploads = await collectUploads(cluster);
  const { blobs, bytes } = collectBlobs(cluster);
  const strays = await collectStrays(cluster);
  return {
    blobs: blobs + strays.blobs,
    bytes: bytes + strays.bytes,
    uploads,
    directories: removeEmptyDirectories(cluster),
  };
}

async function collectUploads({ store, directory, clock }: Cluster): Promise<number> {
  let removed = 0;
  for await (const { name } of await opendir(resumableDirectory(directory))) {
    const file = uploadFile(directory, name);
    const age = await ageOf(file, clock.now());
    const isStale = age === undefined ? false : age > STALE_UPLOAD_MS;
    const isStray = age !== undefined && age > SPARE_BLOB_MS && uploadById(store, name) === undefined;
    if (!isStale && !isStray) continue;
    statement(store, 'DELETE FROM upload WHERE id = ?').run(name);
    rmSync(file, { force: true });
    removed++;
  }
  for (const { id } of statement<{ id: string }>(store, 'SELECT id FROM upload WHERE started_at < ?').all(
    clock.now() - STALE_UPLOAD_MS,
  )) {
    if (existsSync(uploadFile(directory, id))) continue;
    statement(store, 'DELETE FROM upload WHERE id = ?').run(id);
  }
  return removed;
}

/** Since it was written to, in milliseconds; undefined where it is gone. */
async function ageOf(file: string, now: number): Promise<number | undefined> {
  try {
    return now - (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function collectBlobs(cluster: Cluster): { blobs: number; bytes: number } {
  const { store, directory, clock } = cluster;
  const before = clock.now() - SPARE_BLOB_MS;
  const collectSome = store.transaction((): { size: number }[] => {
    const spare = statement<{ sha256: string; size: number }>(
      store,
      `SELECT sha256, size FROM blob WHERE stored_at < ?
      AND NOT EXISTS (SELECT 1 FROM file WHERE file.sha256 = blob.sha256) LIMIT ${BLOBS_AT_ONCE}`,
    ).all(before);
    for (const { sha256 } of spare) {
      statement(store, 'DELETE FROM blob WHERE sha256 = ?').run(sha256);
      // If the transaction fails after this, the row is of content that is not there, which nobody needs either.
      rmSync(blobFile(directory, sha256), { force: true });
    }
    return spare;
  });
  let blobs = 0;
  let bytes = 0;
  for (;;) {
    const some = collectSome.immediate();
    blobs += some.length;
    bytes += some.reduce((sum, { size }) => sum + size, 0);
    if (some.length < BLOBS_AT_ONCE) return { blobs, bytes };
  }
}

/** Removes blobs without a row: a crash came between their placing and their recording. */
async function collectStrays({
  store,
  directory,
  clock,
}: Cluster): Promise<{ blobs: number; bytes: number }> {
  let blobs = 0;
  let bytes = 0;
  const remove = store.transaction((sha256: string): void => {
    if (statement(store, 'SELECT 1 FROM blob WHERE sha256 = ?').get(sha256) !== undefined) return;
    const file = blobFile(directory, sha256);
    const found = lstatSync(file, { throwIfNoEntry: false });
    // Its inode changed last when it was linked here.
    if (found === undefined || clock.now() - found.ctimeMs < SPARE_BLOB_MS) return;
    rmSync(file, { force: true });
    blobs++;
    bytes += found.size;
  });
  for (const shelf of readdirSync(directory.blobs)) {
    for await (const { name } of await opendir(join(directory.blobs, shelf))) {
      if (statement(store, 'SELECT 1 FROM blob WHERE sha256 = ?').get(name) === undefined) {
        remove.immediate(name);
      }
    }
  }
  return { blobs, bytes };
}

/** Directories of users whose last dataset has gone. Those of datasets go with them. */
function removeEmptyDirectories({ directory: { volume } }: Cluster): number {
  let removed = 0;
  for (const owner of readdirSync(volume, { withFileTypes: true })) {
    if (!owner.isDirectory()) continue;
    try {
      rmdirSync(join(volume, owner.name));
      removed++;
    } catch (error) {
      if (!/^(?:ENOTEMPTY|EEXIST|ENOENT)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return removed;
}
