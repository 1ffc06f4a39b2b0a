import { constants, type Dirent, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { isFilePath } from '../../names.ts';
import { Refusal } from '../../refusal.ts';

/** A file that a task has left. */
export interface OutputFile {
  /** Below the task's directory, with slashes. */
  readonly path: string;
  /** Bytes, when it was looked at. */
  readonly size: number;
  /** Unix milliseconds. */
  readonly writtenAt: number;
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Deeper than this no task nests its directories; a walk holds one open directory a level. */
const MAX_DEPTH = 64;

/**
 * The regular files below a directory that jobs write to, by path. Symbolic links are not followed, nor are pipes,
 * sockets and devices opened: a job can leave what it likes, such as a link to a file of the server. Every
 * directory is reached through the open one above it, so that none can be swapped for a link on the way.
 */
export async function* outputFiles(directory: string): AsyncGenerator<OutputFile> {
  const root = await openDirectory(directory);
  if (root === undefined) return;
  yield* filesBelow(root, '', 0);
}

async function* filesBelow(handle: FileHandle, prefix: string, depth: number): AsyncGenerator<OutputFile> {
  try {
    const here = pathOf(handle);
    const entries = await readdir(here, { withFileTypes: true });
    for (const entry of entries.sort(byPath)) {
      const path = `${prefix}${entry.name}`;
      // Names that no dataset may have would lead who unpacks them astray.
      if (!isFilePath(path)) continue;
      if (entry.isFile()) {
        const found = await lstatOf(`${here}/${entry.name}`);
        if (found?.isFile()) yield { path, size: found.size, writtenAt: Math.round(found.mtimeMs) };
      } else if (entry.isDirectory() && depth < MAX_DEPTH) {
        const below = await openDirectory(`${here}/${entry.name}`);
        if (below !== undefined) yield* filesBelow(below, `${path}/`, depth + 1);
      }
    }
  } finally {
    await handle.close();
  }
}

/** As whole paths are ordered: `a.b` stands before `a/b`. */
function byPath(one: Dirent, other: Dirent): number {
  const [a, b] = [one, other].map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  return a! < b! ? -1 : 1;
}

/**
 * Opens a regular file below such a directory. The caller closes it. Throws a Refusal where there is none, or
 * where links lead there.
 */
export async function openOutputFile(directory: string, path: string): Promise<FileHandle> {
  const parts = path.split('/');
  const name = parts.pop()!;
  let handle = await openDirectory(directory);
  try {
    for (const part of parts) {
      const above: FileHandle | undefined = handle;
      handle = above === undefined ? undefined : await openDirectory(`${pathOf(above)}/${part}`);
      await above?.close();
    }
    const file = handle === undefined ? undefined : await openFile(`${pathOf(handle)}/${name}`);
    if (file !== undefined) return file;
  } finally {
    await handle?.close();
  }
  throw new Refusal('not-found', `there is no file ${path}`);
}

/** Linux names open files there, and a path through it starts at what is open, whatever its name is by now. */
function pathOf(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function openDirectory(path: string): Promise<FileHandle | undefined> {
  return await openUnlessGone(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** A pipe would wait for its writer, but for O_NONBLOCK. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  const handle = await openUnlessGone(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (handle === undefined || (await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

/** What is not there, no directory, a link, or closed to the server: to the reader all of it is not there. */
const GONE = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EACCES',
  'ENXIO',
  'ENAMETOOLONG',
  'ERR_INVALID_ARG_VALUE',
]);

async function openUnlessGone(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function lstatOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
