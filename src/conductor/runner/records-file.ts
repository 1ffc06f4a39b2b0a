import { closeSync, openSync, readSync } from 'node:fs';
import { parseRecords, type RunnerRecord } from './records.ts';

/** What a records file held from an offset on, and the offset at which to go on reading later. */
export interface RecordsRead {
  readonly records: RunnerRecord[];
  readonly offset: number;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads the whole lines of a records file from `offset` (in bytes) on. A runner may be writing to it: a line
 * that has no newline yet is left for the next time. A file that is not there has no records so far.
 */
export function readRecords(file: string, offset: number): RecordsRead {
  const descriptor = openIfThere(file);
  const records: RunnerRecord[] = [];
  if (descriptor === undefined) return { records, offset };
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let at = offset;
    for (;;) {
      const read = readSync(descriptor, buffer, 0, buffer.length, at);
      const parsed = parseRecords(buffer.subarray(0, read));
      for (const record of parsed.records) records.push(record);
      at += parsed.length;
      if (read < buffer.length) return { records, offset: at };
      // Junk without a newline, such as the zeros that a crash of the machine may leave, can be of any length.
      if (parsed.length === 0) buffer = Buffer.allocUnsafe(buffer.length * 2);
    }
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
