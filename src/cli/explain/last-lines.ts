import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The last lines of a file. */
export interface LastLines {
  readonly lines: readonly string[];
  /** Whether there is more before them. */
  readonly isCut: boolean;
}

/** How much of a file is read, in bytes: enough for what a person reads, whatever is in it. */
const READ_BYTES = 16 * 1024;

/** Longer lines are cut: a program may write a megabyte without a newline. */
const LINE_CHARACTERS = 300;

/** Reads at most `count` lines from the end of a file; undefined where it cannot be read or is empty. */
export function lastLines(file: string, count: number): LastLines | undefined {
  const read = readEnd(file);
  if (read === undefined) return undefined;
  const lines = read.text.replace(/\s+$/, '').split(/\r?\n/);
  // Where the reading began in the middle of a line, that line is not whole.
  if (read.isCut && lines.length > 1) lines.shift();
  if (lines.length === 1 && lines[0] === '') return undefined;
  const shown = lines.slice(-count).map(cutLine);
  return { lines: shown, isCut: read.isCut || lines.length > shown.length };
}

function readEnd(file: string): { text: string; isCut: boolean } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - READ_BYTES);
    const buffer = Buffer.alloc(size - start);
    const length = readSync(descriptor, buffer, 0, buffer.length, start);
    return { text: buffer.subarray(0, length).toString('utf8'), isCut: start > 0 };
  } catch {
    // It has been removed meanwhile, or is somebody else's: an explanation goes on without it.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function cutLine(line: string): string {
  return line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line;
}
