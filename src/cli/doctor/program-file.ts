import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The file that a shell with this PATH would start under a name; undefined where there is none. */
export function programFile(name: string, path: string | undefined): string | undefined {
  const files = name.includes('/')
    ? [name]
    : (path ?? '').split(delimiter).map((directory) => join(directory, name));
  return files.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
