import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, with those above it that are missing, and answers which were made, the outermost first. For
 * places that a user has named: Node's own recursive mkdir never comes back where a parent is there and takes no
 * directories, as /proc. Throws what mkdir throws.
 */
export function makeDirectories(path: string, mode?: number): string[] {
  if (isDirectory(path)) return [];
  const parent = dirname(path);
  const above = existsSync(parent) ? [] : makeDirectories(parent, mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Somebody else may have been faster.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isDirectory(path)) return above;
    throw error;
  }
  return [...above, path];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
