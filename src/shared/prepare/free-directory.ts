import { type Files, systemFiles } from '../files.ts';

/** The directory itself, or the first of `_2`, `_3`, … that is free: two runs may come in one second. */
export function freeDirectory(wanted: string, files: Pick<Files, 'exists'> = systemFiles): string {
  for (let n = 2, directory = wanted; ; n++) {
    if (!files.exists(directory)) return directory;
    directory = `${wanted}_${n}`;
  }
}
