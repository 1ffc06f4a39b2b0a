import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { watchDirectory } from './watch-directory.ts';

/** How a file is to be written. */
export interface WriteOptions {
  /** Permissions of a file that is made; umask applies. */
  readonly mode?: number;
  /** The file must not be there yet: EEXIST otherwise. */
  readonly isNew?: boolean;
  /** It must survive a power failure once this returns. */
  readonly durable?: boolean;
}

/**
 * The file system as the conductor uses it: no more than it needs, so that a simulated one can stand in. Paths
 * are absolute; all of it throws what `node:fs` throws.
 */
export interface Files {
  exists(path: string): boolean;
  /** The names in a directory, in no order. */
  list(directory: string): string[];
  read(file: string): string;
  /** At most `length` bytes from `offset` on; fewer at the end of the file. */
  readAt(file: string, offset: number, length: number): Buffer;
  /** When it was last written, in Unix milliseconds. */
  modifiedAt(file: string): number;
  write(file: string, text: string, options?: WriteOptions): void;
  rename(from: string, to: string): void;
  /** Removes a file or a whole directory; one that is not there is no error. */
  remove(path: string): void;
  /** Makes a directory and those above it; one that is there is no error. */
  makeDirectory(directory: string): void;
  /** Makes the names in a directory survive a power failure. */
  syncDirectory(directory: string): void;
  /** Calls back when an entry of the directory changes; see `watchDirectory`. */
  watch(directory: string, onChange: (name: string | null) => void): () => void;
}

/** This machine's file system. */
export const systemFiles: Files = {
  exists: existsSync,
  list: (directory) => readdirSync(directory),
  read: (file) => readFileSync(file, 'utf8'),
  readAt(file, offset, length) {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    } finally {
      closeSync(descriptor);
    }
  },
  modifiedAt: (file) => statSync(file).mtimeMs,
  write(file, text, { mode = 0o666, isNew = false, durable = false } = {}) {
    writeFileSync(file, text, { mode, flag: isNew ? 'wx' : 'w', flush: durable });
  },
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true, recursive: true }),
  makeDirectory(directory) {
    mkdirSync(directory, { recursive: true });
  },
  syncDirectory(directory) {
    const descriptor = openSync(directory, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  },
  watch: watchDirectory,
};
