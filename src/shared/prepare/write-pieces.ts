import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes a new file piece by piece: its text may be longer than a string can be. Throws what the file system throws. */
export function writePieces(file: string, pieces: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    }
  } finally {
    closeSync(descriptor);
  }
}
