import { resolve } from 'node:path';
import { judgeLease, type Lease, type LeaseState, readLease } from '../state/lease.ts';
import {
  type Pauses,
  readPauses,
  readRecentEnds,
  readRows,
  readSummary,
  type StatusRow,
  type StudySummary,
} from '../state/queries.ts';
import type { StudyState } from '../state/states.ts';
import { explainStoreError, openStoreToRead, type Store } from '../state/store.ts';
import { readStudy } from '../state/study-record.ts';
import { paramsOf } from '../study/combinations.ts';
import { doneOf, estimateMs, recentPace } from './progress.ts';
import type { StepFilter } from './step-filter.ts';
import { studyStateOf } from './study-state.ts';

/** A study at a glance, as it stood at one moment. Times are Unix milliseconds. */
export interface Overview {
  /** Absolute path of the study directory. */
  readonly directory: string;
  readonly takenAt: number;
  readonly summary: StudySummary;
  readonly state: StudyState;
  readonly lease: Lease | undefined;
  readonly leaseState: LeaseState;
  readonly done: number;
  /** From the study's start until its end, or until now. */
  readonly elapsedMs: number;
  /** Estimate until the end; undefined where nobody conducts it, it is paused or nothing has ended yet. */
  readonly remainingMs: number | undefined;
  /** The steps that wait for their next try, if there are any. */
  readonly pauses: Pauses | undefined;
}

/** A step’s parameters and their values, in the order of the specification. */
export type Params = readonly (readonly [key: string, value: string])[];

/** A step, with its parameters where they were asked for. */
export interface StepRow extends StatusRow {
  readonly params: Params;
}

/** A study and those of its steps that were asked for, as the store had them in one moment. */
export interface Snapshot {
  readonly overview: Overview;
  readonly steps: readonly StepRow[];
}

/** How many of the newest ends tell the pace: enough to even out bursts, few enough to follow a change. */
const PACE_WINDOW = 200;

/** Reads a study's overview. Throws a UserError where the directory is no study's. */
export function takeOverview(directory: string): Overview {
  return readStudyAt(directory, (_store, overview) => overview());
}

/**
 * Reads whatever is wanted of a study as it stands in one moment, and lets go of its store. Throws a UserError
 * where the directory is no study's.
 */
export function readStudyAt<Result>(
  directory: string,
  read: (store: Store, overview: () => Overview) => Result,
): Result {
  const store = openStoreToRead(directory);
  try {
    return store.transaction(() => read(store, () => readOverview(store, resolve(directory), Date.now())))();
  } catch (error) {
    throw explainStoreError(error, directory);
  } finally {
    store.close();
  }
}

/**
 * Reads a study's overview and those of its steps that a filter lets through. Everything is read at once and
 * the store closed again, so that a reader who leaves a pager open never stands in the conductor's way.
 */
export function takeSnapshot(directory: string, filter: StepFilter, wantsParams: boolean): Snapshot {
  return readStudyAt(directory, (store, overview): Snapshot => {
    const params = wantsParams || filter.needsParams ? paramsReader(store) : () => NO_PARAMS;
    const steps: StepRow[] = [];
    for (const row of readRows(store)) {
      // The row is ours alone: a copy of each of a million would be felt.
      const step: StepRow = Object.assign(row, { params: params(row.id) });
      if (filter.accepts(step)) steps.push(step);
    }
    return { overview: overview(), steps };
  });
}

const NO_PARAMS: Params = [];

function readOverview(store: Store, directory: string, now: number): Overview {
  const summary = readSummary(store);
  const lease = readLease(store);
  const leaseState = judgeLease(lease, now);
  const done = doneOf(summary.counts);
  const isConducted = summary.outcome === undefined && leaseState === 'live' && lease !== undefined;
  const pace = isConducted
    ? recentPace(readRecentEnds(store, PACE_WINDOW), lease.acquiredAt, now)
    : undefined;
  return {
    directory,
    takenAt: now,
    summary,
    state: studyStateOf(summary, leaseState),
    lease,
    leaseState,
    done,
    elapsedMs: (summary.endedAt ?? now) - summary.createdAt,
    remainingMs: isConducted && !summary.isPaused ? estimateMs(summary.total - done, pace) : undefined,
    pauses: readPauses(store),
  };
}

function paramsReader(store: Store): (step: number) => Params {
  const { study, expansion } = readStudy(store);
  return (step) => paramsOf(study, expansion, step);
}
