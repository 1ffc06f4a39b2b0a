import { existsSync } from 'node:fs';

/** The directory itself, or the first of `_2`, `_3`, … that is free: two runs may come in one second. */
export function freeDirectory(wanted: string): string {
  for (let n = 2, directory = wanted; ; n++) {
    if (!existsSync(directory)) return directory;
    directory = `${wanted}_${n}`;
  }
}
