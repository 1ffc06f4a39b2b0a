import { randomUUID } from 'node:crypto';
import { copyFileSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { chmod, link, lstat, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataDirectory } from '../data-directory.ts';
import type { StagedContent } from './staging.ts';

/** Content is for reading only, whoever holds a link to it. */
const READ_ONLY = 0o444;

/** Where content of this hash lies. */
export function blobFile(directory: DataDirectory, sha256: string): string {
  return join(directory.blobs, sha256.slice(0, 2), sha256);
}

/** Makes the 256 directories of the blobs, so that no upload has to. */
export function makeBlobDirectories({ blobs }: DataDirectory): void {
  const there = new Set(readdirSync(blobs));
  for (let byte = 0; byte < 256; byte++) {
    const name = byte.toString(16).padStart(2, '0');
    if (!there.has(name)) mkdirSync(join(blobs, name), { mode: 0o700 });
  }
}

/** Whether content of that hash and size lies in its place, by its look: `verify` reads it. */
export function hasBlob(directory: DataDirectory, { sha256, size }: Omit<StagedContent, 'file'>): boolean {
  const found = lstatSync(blobFile(directory, sha256), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === size;
}

/**
 * Gives content that is staged its place among the blobs, such that it survives a power failure. The staged file
 * stays, so that it can be given its place again: the collection of garbage may just now find that nobody needs
 * this blob.
 */
export async function placeBlobs(
  directory: DataDirectory,
  contents: readonly StagedContent[],
): Promise<void> {
  const touched = new Set<string>();
  await Promise.all(
    contents.map(async (content) => {
      const place = blobFile(directory, content.sha256);
      await chmod(content.file, READ_ONLY);
      if (await linkUnlessThere(content, place)) touched.add(dirname(place));
    }),
  );
  await Promise.all([...touched].map(syncDirectory));
}

/** Whether the name is new. A file of another size in that place is what a failing disk left: it makes room. */
async function linkUnlessThere(content: StagedContent, place: string): Promise<boolean> {
  try {
    await link(content.file, place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if ((await lstat(place)).size === content.size) return false;
  await rm(place);
  return await linkUnlessThere(content, place);
}

/** Places one blob at once, within a transaction that has found it missing. */
export function placeBlobNow(directory: DataDirectory, { file, sha256 }: StagedContent): void {
  linkSync(file, blobFile(directory, sha256));
}

/** Reasons for which a file system gives no second name to a file: too many already, or it lies elsewhere. */
const NO_LINK = new Set(['EMLINK', 'EXDEV', 'EPERM']);

/** Shows a blob at a path of the volume: by a second name where that can be had, else by a copy. */
export function showBlob(directory: DataDirectory, sha256: string, path: string): void {
  const blob = blobFile(directory, sha256);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    linkSync(blob, path);
  } catch (error) {
    if (!NO_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyWhole(directory, blob, path);
  }
}

/** Copies such that nobody sees a part: beside all users' directories first, where no container looks. */
function copyWhole({ volume }: DataDirectory, blob: string, path: string): void {
  const part = join(volume, `.${randomUUID()}`);
  try {
    copyFileSync(blob, part);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Makes the names in a directory survive a power failure. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
