import { closeSync, openSync, writeSync } from 'node:fs';

/** Pieces are gathered to about this many characters before they are written: a write costs more than its bytes. */
const GATHERED = 64 * 1024;

/** Writes a new file piece by piece: its text may be longer than a string can be. Throws what the file system throws. */
export function writePieces(file: string, pieces: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  };
  try {
    let gathered = '';
    for (const piece of pieces) {
      gathered += piece;
      if (gathered.length < GATHERED) continue;
      write(gathered);
      gathered = '';
    }
    write(gathered);
  } finally {
    closeSync(descriptor);
  }
}
