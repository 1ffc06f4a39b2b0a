import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { ORPHAN_POLL_MS } from '../bounds.ts';
import type { AttemptKey, Observation } from '../observation.ts';
import { readRecords } from '../runner/records-file.ts';
import { observationOf } from './record-observation.ts';
import type { OpenAttempt } from './recover.ts';

/** Attempts that an earlier conductor started and that still run. */
export interface Adopted {
  /** The adopted attempts that have not ended. */
  readonly running: ReadonlyMap<number, OpenAttempt>;
  /** Ends an adopted attempt's process group; answers whether it is one of these. */
  cancel(key: AttemptKey): boolean;
  /** Stops watching; the attempts go on. */
  close(): void;
}

/** A records file to follow from where recovery stopped reading. */
export interface FollowedFile {
  readonly file: string;
  offset: number;
}

interface AdoptedPorts {
  readonly clock: Clock;
  readonly studyToken: string;
  readonly graceMs: number;
  readonly observed: (observation: Observation) => void;
  /** Sends a signal to a process group; false where it is gone. */
  readonly signal: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => boolean;
  /** Whether a process still carries the attempt's token: a process id alone may be somebody else's by now. */
  readonly isRunning: (pid: number, key: AttemptKey) => boolean;
}

/**
 * Watches over adopted attempts: the records of runners that still live, and the process table for orphans.
 * Reads more often than inotify alone would tell, since a runner may write from another host.
 */
export function adopt(
  followed: readonly OpenAttempt[],
  orphans: readonly { readonly attempt: OpenAttempt; readonly pid: number }[],
  files: readonly FollowedFile[],
  ports: AdoptedPorts,
): Adopted {
  const running = new Map(
    [...followed, ...orphans.map(({ attempt }) => attempt)].map((open) => [open.step, open]),
  );
  const pids = new Map<number, number>();
  for (const open of followed) if (open.job !== null) pids.set(open.step, Number(open.job));
  for (const { attempt, pid } of orphans) pids.set(attempt.step, pid);
  const orphaned = new Map(
    orphans.map(({ attempt, pid }) => [attempt.step, { attempt, pid, cancelled: false }]),
  );
  let watcher: FSWatcher | undefined;
  let takeBack: (() => void) | undefined;

  const observe = (observation: Observation): void => {
    if (running.get(observation.step)?.number !== observation.number) return;
    if (observation.kind === 'started') pids.set(observation.step, Number(observation.job));
    else running.delete(observation.step);
    ports.observed(observation);
  };

  const readFiles = (): void => {
    for (const followedFile of files) {
      const { records, offset } = readRecords(followedFile.file, followedFile.offset);
      followedFile.offset = offset;
      for (const record of records) {
        const observation = observationOf(record, ports.studyToken);
        if (observation !== undefined) observe(observation);
      }
    }
  };

  const lookForOrphans = (): void => {
    for (const [step, { attempt, pid, cancelled }] of orphaned) {
      if (ports.isRunning(pid, attempt)) continue;
      orphaned.delete(step);
      const { number } = attempt;
      const at = ports.clock.now();
      const evidence = 'its runner was killed while it ran; it has ended since';
      if (cancelled) {
        const usage = { userMs: 0, systemMs: 0, maxRssKib: 0 };
        observe({ kind: 'ended', step, number, at, exit: { signal: 15 }, usage, reason: 'cancelled' });
      } else observe({ kind: 'lost', step, number, at, evidence });
    }
  };

  const close = (): void => {
    watcher?.close();
    takeBack?.();
    takeBack = undefined;
  };

  const poll = (): void => {
    readFiles();
    lookForOrphans();
    if (running.size === 0) close();
    else takeBack = ports.clock.after(ORPHAN_POLL_MS, poll);
  };

  if (running.size > 0) {
    const [first] = files;
    if (first !== undefined) watcher = watch(dirname(first.file), { persistent: false }, readFiles);
    takeBack = ports.clock.after(0, poll);
  }

  const cancel = ({ step, number }: AttemptKey): boolean => {
    const attempt = running.get(step);
    if (attempt?.number !== number) return false;
    const pid = pids.get(step);
    const orphan = orphaned.get(step);
    if (orphan !== undefined) orphan.cancelled = true;
    if (pid === undefined || !ports.isRunning(pid, attempt)) return true;
    ports.signal(pid, 'SIGTERM');
    ports.clock.after(ports.graceMs, () => {
      if (running.has(step) && ports.isRunning(pid, attempt)) ports.signal(pid, 'SIGKILL');
    });
    return true;
  };

  return { running, cancel, close };
}
