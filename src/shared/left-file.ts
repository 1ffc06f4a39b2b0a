import type { Files } from './files.ts';

/** What was found in a file that somebody has left. Times are Unix milliseconds, by the clock of the disk. */
export type LeftFile =
  | { readonly kind: 'text'; readonly text: string; readonly leftAt: number }
  /** It is there, and nobody will ever read it: it is a directory, say, or may not be read. */
  | { readonly kind: 'unreadable'; readonly problem: string };

/** What does not pass: any other error is the disk's. */
const UNREADABLE = new Set([
  'EISDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ERR_STRING_TOO_LONG',
  'ERR_FS_FILE_TOO_LARGE',
]);

/** Reads what somebody has left; undefined where it is there no more. Throws what a disk in trouble throws. */
export function readLeftFile(file: string, files: Files): LeftFile | undefined {
  try {
    return { kind: 'text', text: files.read(file), leftAt: files.modifiedAt(file) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (!UNREADABLE.has(code)) throw error;
    return { kind: 'unreadable', problem: `it cannot be read (${code})` };
  }
}
