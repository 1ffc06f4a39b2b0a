import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobState } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
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
  const bytes = await readPiece(logFile({ directory }, task, number), offset);
  return { bytes, isLast: isJobOver(job.state) && bytes.length < PIECE_BYTES };
}

function logFile({ directory }: Pick<Cluster, 'directory'>, task: TaskRow, number: number): string {
  const name = jobName(number);
  return join(volumeDirectory(directory, task.name), name, `${name}.log`);
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
  const file = logFile(cluster, task, number);
  const size = (await lstat(file).catch(() => undefined))?.size ?? 0;
  const offset = Math.max(0, size - length);
  return { ...(await readJobLog(cluster, task, number, offset)), offset };
}

/**
 * The directory is the job's own to write to: what stands under the name of its log may be a link to somewhere
 * else, or a pipe that nobody writes to. Neither is followed or waited for.
 */
async function readPiece(file: string, offset: number): Promise<Buffer> {
  const nothing = Buffer.alloc(0);
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (
        error.code === 'ENOENT' ||
        error.code === 'ELOOP' ||
        error.code === 'ENOTDIR' ||
        error.code === 'ENXIO'
      ) {
        return undefined;
      }
      throw error;
    },
  );
  if (handle === undefined) return nothing;
  try {
    const stat = await handle.stat();
    const size = Math.max(0, Math.min(PIECE_BYTES, stat.size - offset));
    if (!stat.isFile() || size === 0) return nothing;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
