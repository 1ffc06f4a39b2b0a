import { type Files, systemFiles } from '../../shared/files.ts';
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
export function readRecords(file: string, offset: number, files: Files = systemFiles): RecordsRead {
  const records: RunnerRecord[] = [];
  let length = CHUNK_BYTES;
  let at = offset;
  for (;;) {
    const bytes = readIfThere(files, file, at, length);
    if (bytes === undefined) return { records, offset };
    const parsed = parseRecords(bytes);
    for (const record of parsed.records) records.push(record);
    at += parsed.length;
    if (bytes.length < length) return { records, offset: at };
    // Junk without a newline, such as the zeros that a crash of the machine may leave, can be of any length.
    if (parsed.length === 0) length *= 2;
  }
}

function readIfThere(files: Files, file: string, offset: number, length: number): Buffer | undefined {
  try {
    return files.readAt(file, offset, length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
