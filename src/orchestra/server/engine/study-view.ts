import type { Statement } from 'better-sqlite3';
import { judgeLease, type Lease, type LeaseState, readLease } from '../../../shared/state/lease.ts';
import { readLimits, readNewestEvent } from '../../../shared/state/queries.ts';
import { isInFlight, type StepState } from '../../../shared/state/states.ts';
import { openStore, type Store } from '../../../shared/state/store.ts';
import type { Limits } from '../../../shared/state/transition.ts';
import type { JobObservation, JobPhase, TaskObservation } from './job-observation.ts';

/** How a study stands, as far as sharing out slots is concerned. */
export interface Standing {
  /** Jobs that have a slot: on this machine those that run, behind a scheduler those that it was given. */
  readonly running: number;
  /** Jobs that could begin if they had a slot. */
  readonly ready: number;
  readonly hasEnded: boolean;
  readonly isPaused: boolean;
  readonly isCancelling: boolean;
  readonly conductor: LeaseState;
  /** What its conductor, or the next one, keeps to. */
  readonly cores: number | undefined;
  readonly throttle: number;
}

interface StepRow {
  readonly id: number;
  readonly state: StepState;
  readonly host: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** What its store says of a study as a whole. */
interface Facts {
  /** Of the store's contents: another one, once anybody has written something. */
  readonly version: number;
  readonly outcome: string | null;
  readonly isPaused: boolean;
  readonly isCancelling: boolean;
  readonly limits: Limits;
  readonly lease: Lease | undefined;
}

/**
 * A study as the engine sees it: its store, kept open, and what was last read of it. Only what has happened since is
 * read again, and of a study to which nothing has happened, nothing: hundreds may wait for their slots.
 */
export class StudyView {
  private readonly store: Store;
  private readonly canaries: number;
  private readonly states = new Map<number, StepState>();
  private readonly counts = { canaries: new Map<StepState, number>(), others: new Map<StepState, number>() };
  private readonly contentsVersion: Statement;
  private lastFacts: Facts | undefined;
  private cursor = -1;
  /** Recorded after the last event, or taken back before the next one. */
  private outcome: string | null = null;
  /** How many beginnings of jobs have been seen. */
  private begunCount = 0;

  /** Throws a UserError where there is no such study, or it is damaged. */
  constructor(studyDirectory: string, canaries: number) {
    this.canaries = canaries;
    this.store = openStore(studyDirectory);
    this.contentsVersion = this.store.prepare('PRAGMA data_version').pluck();
  }

  /** Reads what has happened since the last time; answers whether anything has. */
  refresh(): boolean {
    const before = this.lastFacts;
    const facts = this.facts();
    if (facts === before && this.cursor !== -1) return false;
    const newest = readNewestEvent(this.store);
    const { outcome } = facts;
    const hasTurned = outcome !== this.outcome;
    this.outcome = outcome;
    if (newest === this.cursor) return hasTurned;
    const { jobs, cursor } = this.changesSince(Math.max(0, this.cursor));
    for (const { id, state } of jobs) this.see(id, state);
    this.cursor = cursor;
    return true;
  }

  /** How many jobs have been seen to begin since this was made. */
  get begun(): number {
    return this.begunCount;
  }

  /** How it stands; its jobs by what was last read of them. */
  standing(now: number, isLocal: boolean): Standing {
    const { outcome, isPaused, isCancelling, limits, lease } = this.facts();
    const canariesDone = this.countOf('canaries', (state) => state === 'FINISHED');
    const isGateOpen = canariesDone === this.totalOf('canaries');
    const groups = isGateOpen ? (['canaries', 'others'] as const) : (['canaries'] as const);
    const isReady = (state: StepState): boolean =>
      state === 'INITIALIZED' || (isLocal && state === 'PENDING');
    const isRunning = (state: StepState): boolean => isInFlight(state) && !isReady(state);
    const sum = (is: (state: StepState) => boolean): number =>
      groups.reduce((total, group) => total + this.countOf(group, is), 0);
    return {
      running: this.countOf('canaries', isRunning) + this.countOf('others', isRunning),
      ready: sum(isReady),
      hasEnded: outcome !== null,
      isPaused,
      isCancelling,
      conductor: judgeLease(lease, now),
      cores: limits.cores,
      throttle: limits.throttle,
    };
  }

  /** What has happened to the jobs since the look that answered `after`; 0: all of them. */
  observe(after: number): TaskObservation {
    return this.store.transaction(() => {
      const { jobs, cursor } = this.changesSince(after);
      const { outcome } = this.readStudy();
      return { jobs: jobs.map(observationOf), cursor, hasEnded: outcome !== null };
    })();
  }

  /** Whether an attempt at a job is under way. */
  isInFlight(number: number): boolean {
    const state = this.store.prepare('SELECT state FROM step WHERE id = ?').pluck().get(number);
    return state !== undefined && isInFlight(state as StepState);
  }

  /** Jobs that have failed, by their numbers. */
  failed(): number[] {
    return this.store
      .prepare("SELECT id FROM step WHERE state IN ('FAILED', 'TIMEDOUT') ORDER BY id")
      .pluck()
      .all() as number[];
  }

  close(): void {
    this.store.close();
  }

  private changesSince(after: number): { readonly jobs: readonly StepRow[]; readonly cursor: number } {
    const which = after === 0 ? '' : 'WHERE step.id IN (SELECT step FROM event WHERE id > ?)';
    const statement = this.store.prepare(
      `SELECT step.id, step.state, attempt.host, attempt.started_at AS startedAt, attempt.ended_at AS endedAt
       FROM step LEFT JOIN attempt ON attempt.step = step.id AND attempt.number = step.attempts ${which}
       ORDER BY step.id`,
    );
    return this.store.transaction(() => ({
      jobs: statement.all(...(after === 0 ? [] : [after])) as StepRow[],
      // A study that nothing has happened to yet must not look as one that was not looked at.
      cursor: readNewestEvent(this.store),
    }))();
  }

  /** The version is read before the rest: what comes in between is read once more. */
  private facts(): Facts {
    const version = this.contentsVersion.get() as number;
    if (this.lastFacts?.version === version) return this.lastFacts;
    const { outcome, isPaused, isCancelling } = this.readStudy();
    this.lastFacts = {
      version,
      outcome,
      isPaused: isPaused === 1,
      isCancelling: isCancelling === 1,
      limits: readLimits(this.store),
      lease: readLease(this.store),
    };
    return this.lastFacts;
  }

  private readStudy(): { outcome: string | null; isPaused: number; isCancelling: number } {
    return this.store
      .prepare(
        `SELECT outcome, is_paused AS isPaused, cancel_requested_at IS NOT NULL AS isCancelling FROM study`,
      )
      .get() as { outcome: string | null; isPaused: number; isCancelling: number };
  }

  private see(step: number, state: StepState): void {
    const counts = this.counts[step < this.canaries ? 'canaries' : 'others'];
    const before = this.states.get(step);
    if (before !== undefined) counts.set(before, counts.get(before)! - 1);
    if (before !== undefined && hasNotBegun(before) && !hasNotBegun(state)) this.begunCount++;
    counts.set(state, (counts.get(state) ?? 0) + 1);
    this.states.set(step, state);
  }

  private countOf(group: 'canaries' | 'others', is: (state: StepState) => boolean): number {
    let total = 0;
    for (const [state, count] of this.counts[group]) if (is(state)) total += count;
    return total;
  }

  private totalOf(group: 'canaries' | 'others'): number {
    return this.countOf(group, () => true);
  }
}

function hasNotBegun(state: StepState): boolean {
  return state === 'INITIALIZED' || state === 'PENDING';
}

function observationOf({ id, state, host, startedAt, endedAt }: StepRow): JobObservation {
  const phase = phaseOf(state);
  const hasBegun = phase !== 'waiting' && startedAt !== null;
  return {
    number: id,
    phase,
    node: hasBegun ? host : null,
    startedAt: hasBegun ? startedAt : null,
    endedAt: hasBegun && phase !== 'running' ? endedAt : null,
  };
}

function phaseOf(state: StepState): JobPhase {
  switch (state) {
    case 'RUNNING':
    case 'FINISHING':
      return 'running';
    case 'FINISHED':
      return 'done';
    case 'CANCELLED':
      return 'cancelled';
    case 'FAILED':
    case 'TIMEDOUT':
    case 'UNKNOWN':
      return 'failed';
    default:
      return 'waiting';
  }
}
