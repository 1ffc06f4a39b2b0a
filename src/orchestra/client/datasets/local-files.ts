import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import { checkFilePath } from '../../names.ts';

/** A file on this machine that is to be uploaded. */
export interface LocalFile {
  /** Its path within the dataset. */
  readonly path: string;
  /** Where it is here. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Unix milliseconds, with fractions: by which a change is noticed. */
  readonly modifiedAt: number;
}

/** What a path on this machine means to an upload. */
export interface LocalFiles {
  readonly files: readonly LocalFile[];
  /** What is no file: links to directories and to nothing, pipes, sockets, devices. */
  readonly skipped: readonly string[];
}

/**
 * The file at a path under its own name, or the files below a directory under their paths within it. Links to files
 * count as these; links to directories are not followed, so that no walk goes round.
 *
 * Throws a UserError where there is nothing, and a Refusal for a name that no dataset takes.
 */
export function localFiles(path: string): LocalFiles {
  const root = statSync(path, { throwIfNoEntry: false });
  if (root === undefined) throw new UserError(`there is no file or directory ${path}`);
  if (root.isFile()) return { files: [localFile(basename(resolve(path)), path)!], skipped: [] };
  if (!root.isDirectory()) throw new UserError(`${path} is no file and no directory`);
  const files: LocalFile[] = [];
  const skipped: string[] = [];
  walk(path, '', files, skipped);
  if (files.length === 0) throw new UserError(`there are no files in ${path}`);
  return { files, skipped };
}

function walk(directory: string, prefix: string, files: LocalFile[], skipped: string[]): void {
  const names = readdirSync(directory).sort();
  for (const name of names) {
    const path = `${prefix}${name}`;
    const file = join(directory, name);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) {
      walk(file, `${path}/`, files, skipped);
      continue;
    }
    const local =
      found?.isFile() === true || found?.isSymbolicLink() === true ? localFile(path, file) : undefined;
    if (local === undefined) skipped.push(file);
    else files.push(local);
  }
}

/** Undefined where it is no file, or a link to none. */
function localFile(path: string, file: string): LocalFile | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return undefined;
  checkFilePath(path);
  return { path, file, size: found.size, modifiedAt: found.mtimeMs };
}

/** Throws a UserError where a file is not what it was when the upload began. */
export function checkIsUnchanged({ file, size, modifiedAt }: LocalFile): void {
  const now = statSync(file, { throwIfNoEntry: false });
  if (now?.size === size && now.mtimeMs === modifiedAt) return;
  throw hasChanged(file);
}

/** What to say of a file that changes under the upload. */
export function hasChanged(file: string): UserError {
  return new UserError(`${file} has changed while it was uploaded`, 'upload it again when it is complete');
}
