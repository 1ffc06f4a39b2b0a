import { chmodSync, closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import type { DataDirectory } from '../../../src/orchestra/server/data-directory.ts';
import { blobFile } from '../../../src/orchestra/server/datasets/blobs.ts';

/** Changes the last byte of stored content, as a failing disk does: in place, in all its links. */
export function damageBlob(directory: DataDirectory, sha256: string): void {
  const file = blobFile(directory, sha256);
  chmodSync(file, 0o644);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.from('\0'), 0, 1, fstatSync(descriptor).size - 1);
  closeSync(descriptor);
  chmodSync(file, 0o444);
}
