import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobState } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { openOutputFile } from '../datasets/output-files.ts';
import { volumeDirectory } from '../datasets/volume.ts';
import { statement } from '../state/statement.ts';
import type { TaskRow } from './task-row.ts';
import { isJobOver } from './task-states.ts';

/** A piece of a job's log. */
export interface LogPiece {
  readonly bytes: Buffer;
  /** Nothing stands behind this piece, and nothing will. */
  readonly isLast: boolean;
}

/** A log is answered in pieces of at most so many bytes, so that none is ever held whole. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads a piece of a job's log from an offset on, in bytes; empty where the job has written nothing yet. Throws a
 * Refusal where the task has no such job.
 */
export async function readJobLog(
  { store, directory }: Pick<Cluster, 'store' | 'directory'>,
  task: TaskRow,
  number: number,
  offset: number,
): Promise<LogPiece> {
  // Asked before reading: what was written before the end is then read for certain.
  const sql = 'SELECT state FROM job WHERE task = ? AND number = ?';
  const job = statement<{ state: JobState }>(store, sql).get(task.id, number);
  if (job === undefined) {
    throw new Refusal('not-found', `${task.name} has no job ${number}`, `see maestro task show ${task.name}`);
  }
  const bytes = await readPiece(volumeDirectory(directory, task.name), logPath(number), offset);
  return { bytes, isLast: isJobOver(job.state) && bytes.length < PIECE_BYTES };
}

/** Where the log of a job is, below the directory of its task. */
function logPath(number: number): string {
  const name = jobName(number);
  return `${name}/${name}.log`;
}

/** The end of a job's log, as far as it is known now. */
export interface LogEnd extends LogPiece {
  /** Where it begins, in bytes. */
  readonly offset: number;
}

/** Reads the last bytes of a job's log. Throws a Refusal where the task has no such job. */
export async function endOfJobLog(
  cluster: Pick<Cluster, 'store' | 'directory'>,
  task: TaskRow,
  number: number,
  length: number,
): Promise<LogEnd> {
  const file = join(volumeDirectory(cluster.directory, task.name), logPath(number));
  const size = (await lstat(file).catch(() => undefined))?.size ?? 0;
  const offset = Math.max(0, size - length);
  return { ...(await readJobLog(cluster, task, number, offset)), offset };
}

/**
 * The directory is the job's own to write to: what stands under the name of its log may be a link to somewhere
 * else, or a pipe that nobody writes to. Neither is followed or waited for.
 */
async function readPiece(directory: string, path: string, offset: number): Promise<Buffer> {
  const handle = await openOutputFile(directory, path).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const length = Math.max(0, Math.min(PIECE_BYTES, size - offset));
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
