import { readNewestEvent } from '../shared/state/queries.ts';
import type { StepState, StudyState } from '../shared/state/states.ts';
import { type Overview, readStudyAt } from '../shared/status/snapshot.ts';

/** How a study stands at one moment. Times are Unix milliseconds. */
export interface StudyStatus {
  readonly name: string;
  /** Absolute path of the study directory. */
  readonly directory: string;
  /** `stopped`: it has not ended, and nobody conducts it. */
  readonly state: StudyState;
  /** Whether nothing more is started until it is resumed. */
  readonly isPaused: boolean;
  /** How many steps there are, and how many of them have ended, well or not. */
  readonly total: number;
  readonly done: number;
  /** How many steps are in which state; states without steps are left out. */
  readonly counts: Readonly<Partial<Record<StepState, number>>>;
  readonly createdAt: number;
  readonly endedAt: number | undefined;
  /** From its creation to its end, or until now, in milliseconds. */
  readonly elapsedMs: number;
  /** An estimate; undefined where it is paused, nobody conducts it, or nothing has ended yet. */
  readonly remainingMs: number | undefined;
  /** Who conducts it now, if anybody does. */
  readonly conductor: { readonly host: string; readonly pid: number } | undefined;
  /** The number of the newest change: `watch({ after: lastChange })` begins behind it. */
  readonly lastChange: number;
}

/** Reads how a study stands. Throws a UserError where the directory is no study's. */
export function readStatus(directory: string): StudyStatus {
  return readStudyAt(directory, (store, overview) => statusOf(overview(), readNewestEvent(store)));
}

function statusOf(overview: Overview, lastChange: number): StudyStatus {
  const { summary, lease, leaseState, directory, state, done, elapsedMs, remainingMs } = overview;
  const conductor =
    lease === undefined || leaseState !== 'live' ? undefined : { host: lease.host, pid: lease.process.pid };
  return {
    name: summary.name,
    directory,
    state,
    isPaused: summary.isPaused && summary.outcome === undefined,
    total: summary.total,
    done,
    counts: Object.fromEntries(summary.counts),
    createdAt: summary.createdAt,
    endedAt: summary.endedAt,
    elapsedMs,
    remainingMs,
    conductor,
    lastChange,
  };
}
