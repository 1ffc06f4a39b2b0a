import PQueue from 'p-queue';
import { launchConductor } from '../../../shared/launch-conductor.ts';
import type { Cluster } from '../cluster.ts';
import { jobEnvironment } from './job-environment.ts';

/** Conductors that are being started at once: each takes a core for a moment, which jobs want too. */
const LAUNCHES_AT_ONCE = 2;

/** A conductor that cannot be started, or has died, is started again after this pause, doubled each time up to the longest. */
const PAUSE_MS = { first: 1_000, longest: 60_000 } as const;

/** One that has lived for so long died for another reason than its predecessors. */
const LIVED_MS = 60_000;

/** Warnings and worse: what jobs do stands in the store, and a line for each would cost more than most jobs. */
const LOG_LEVEL = 3;

/** Starts conductors of studies, a few at once, and not too soon after one that failed. */
export interface Conductors {
  /** Starts the conductor of a study, unless that is under way or was tried a moment ago. */
  start(studyDirectory: string): void;
  isStarting(studyDirectory: string): boolean;
  /** Forgets a study that needs no conductor any more. */
  forget(studyDirectory: string): void;
  /** Resolves when none is being started. */
  close(): Promise<void>;
}

interface Tries {
  readonly at: number;
  readonly pauseMs: number;
}

/** `onSettled` is called whenever a conductor has been started, could not be started, or may be tried again. */
export function createConductors({ clock, log }: Cluster, onSettled: () => void): Conductors {
  const queue = new PQueue({ concurrency: LAUNCHES_AT_ONCE });
  const starting = new Set<string>();
  const tries = new Map<string, Tries>();
  const timers = new Set<() => void>();

  const launch = async (study: string): Promise<void> => {
    try {
      const { pid } = await launchConductor(study, {
        logLevel: LOG_LEVEL,
        environment: jobEnvironment(process.env),
        // Whoever asks the server waits for its answer; a job that takes hours does not mind a moment.
        givesWay: true,
      });
      log.info({ study, pid }, 'a conductor has been started');
    } catch (err) {
      log.error({ err, study }, 'a conductor could not be started');
    } finally {
      starting.delete(study);
      onSettled();
    }
  };
  const mayTry = (study: string): boolean => {
    const last = tries.get(study);
    const now = clock.elapsed();
    if (last !== undefined && now - last.at < last.pauseMs) return false;
    const isFresh = last === undefined || now - last.at > LIVED_MS;
    const pauseMs = isFresh ? PAUSE_MS.first : Math.min(PAUSE_MS.longest, last.pauseMs * 2);
    tries.set(study, { at: now, pauseMs });
    const cancel = clock.after(pauseMs, () => {
      timers.delete(cancel);
      onSettled();
    });
    timers.add(cancel);
    return true;
  };
  return {
    start(study) {
      if (starting.has(study) || !mayTry(study)) return;
      starting.add(study);
      void queue.add(() => launch(study));
    },
    isStarting: (study) => starting.has(study),
    forget: (study) => void tries.delete(study),
    async close() {
      for (const cancel of timers) cancel();
      queue.clear();
      await queue.onIdle();
    },
  };
}
