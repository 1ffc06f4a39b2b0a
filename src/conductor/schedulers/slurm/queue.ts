import type { Submission } from '../scheduler.ts';
import { memberIds, parseQueuedIds, type QueuedIds } from './job-ids.ts';

/** A line of the queue: one job, or the elements of an array that wait. */
export interface QueueRow {
  readonly ids: QueuedIds;
  readonly state: string;
  /** A raw wait status; `0` while nothing has ended. */
  readonly waitStatus: string;
  /** Unix seconds, or a word where there is none. */
  readonly start: string;
  readonly end: string;
  readonly reason: string;
}

/** `field:|` prints a field at its full length with a bar behind it. The reason is last: it is free text. */
const POLLED = 'JobArrayID:|,State:|,exit_code:|,StartTime:|,EndTime:|,Reason:|';

/**
 * All jobs of a user, ended ones included for as long as the controller remembers them (MinJobAge, usually five
 * minutes), also in partitions that are hidden. Asking for one user is one request that the controller filters,
 * whatever the number of jobs; a list of ids makes squeue load all jobs of all users, and an unknown id alone
 * in it is an error.
 */
function squeueOf(uid: number, format: readonly string[]): string[] {
  return ['--noheader', '--all', '--states=all', `--user=${uid}`, ...format];
}

/** The arguments of squeue for a poll. */
export function queueArgs(uid: number): string[] {
  return squeueOf(uid, ['-O', POLLED]);
}

/** Reads squeue's answer to a poll. Lines that cannot be ours are left out. */
export function readQueue(stdout: string): QueueRow[] {
  const rows: QueueRow[] = [];
  for (const line of stdout.split('\n')) {
    const [id, state, waitStatus, start, end, ...reason] = line.split('|');
    if (end === undefined) continue;
    const ids = parseQueuedIds(id!.trim());
    if (ids === undefined) continue;
    rows.push({
      ids,
      state: state!.trim(),
      waitStatus: waitStatus!.trim(),
      start: start!.trim(),
      end: end.trim(),
      reason: reason.join('|').replace(/\|$/, '').trim(),
    });
  }
  return rows;
}

/** The arguments of squeue for a search: the id that an array's elements share, the comment, the script's path. */
export function queueSearchArgs(uid: number): string[] {
  return squeueOf(uid, ['-o', '%F|%k|%o']);
}

/** A submission as far as a search needs it. */
export type Sought = Pick<Submission, 'id' | 'file' | 'members'>;

/**
 * Finds submissions in the answer to a search, by their comment or by the path of their script, whose name has
 * their id in it. Where one is there twice the first to be queued has it.
 */
export function findInQueue(stdout: string, sought: readonly Sought[]): Map<string, readonly string[]> {
  const byComment = new Map(sought.map((each) => [each.id, each]));
  const byFile = new Map(sought.map((each) => [each.file, each]));
  const bases = new Map<Sought, string>();
  for (const line of stdout.split('\n')) {
    const [base, comment, ...path] = line.split('|');
    const found = byComment.get(comment ?? '') ?? byFile.get(path.join('|'));
    if (found === undefined || !/^\d+$/.test(base!)) continue;
    const earlier = bases.get(found);
    if (earlier === undefined || Number(base) < Number(earlier)) bases.set(found, base!);
  }
  return new Map([...bases].map(([{ id, members }, base]) => [id, memberIds(base, members.length)]));
}
