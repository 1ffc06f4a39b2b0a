import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { STATE_DIRECTORY } from '../store.ts';
import { type DecodedCopy, decodeCopy } from './decode.ts';

/** The copy of the store of the study in this directory. */
export function copyFile(studyDirectory: string): string {
  return join(studyDirectory, STATE_DIRECTORY, 'study.copy');
}

/** Lines are read, and gathered to be written, in pieces of about this many bytes. */
const PIECE_BYTES = 1 << 18;

/** Reads what the copy of a study's store tells; undefined where there is none. */
export function readCopy(studyDirectory: string): DecodedCopy | undefined {
  const file = copyFile(studyDirectory);
  return existsSync(file) ? decodeCopy(linesOf(file)) : undefined;
}

/** The first line of the copy; empty where there is no copy. */
export function firstLine(studyDirectory: string): string {
  const file = copyFile(studyDirectory);
  if (!existsSync(file)) return '';
  for (const line of linesOf(file)) return line;
  return '';
}

/** The last whole line of the copy that ends a batch, if one of its last bytes. */
export function lastEnd(studyDirectory: string): string | undefined {
  const file = copyFile(studyDirectory);
  if (!existsSync(file)) return undefined;
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, PIECE_BYTES));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    const whole = bytes.toString('utf8', 0, bytes.lastIndexOf(0x0a) + 1).split('\n');
    return whole.findLast((line) => line.startsWith('["end",'));
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the copy by these lines, whole and on disk or not at all. */
export function replaceCopy(studyDirectory: string, lines: Iterable<string>): void {
  const file = copyFile(studyDirectory);
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w');
  try {
    writeLines(descriptor, lines);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

/** Adds lines at the end of the copy, on a line of their own even where the last one was cut short. */
export function appendToCopy(studyDirectory: string, lines: Iterable<string>): void {
  const descriptor = openSync(copyFile(studyDirectory), 'a+');
  try {
    if (!endsInNewline(descriptor)) writeSync(descriptor, '\n');
    writeLines(descriptor, lines);
  } finally {
    closeSync(descriptor);
  }
}

function endsInNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
}

function writeLines(descriptor: number, lines: Iterable<string>): void {
  let gathered = '';
  const flush = (): void => {
    const bytes = Buffer.from(gathered);
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    gathered = '';
  };
  for (const line of lines) {
    gathered += line;
    if (gathered.length >= PIECE_BYTES) flush();
  }
  flush();
}

/** The whole lines of a file, piece by piece: its text may be longer than a string can be. */
function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const length = readSync(descriptor, piece, 0, piece.length, null);
      if (length === 0) return;
      const bytes = Buffer.concat([rest, piece.subarray(0, length)]);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end > 0) yield* bytes.toString('utf8', 0, end - 1).split('\n');
      rest = bytes.subarray(end);
    }
  } finally {
    closeSync(descriptor);
  }
}
