import type { BatchType } from '../spec/specification.ts';
import { FINAL, STEP_STATES, type StepState } from './states.ts';
import { type Store, StoreDamaged } from './store.ts';
import type { Limits } from './transition.ts';

/** How a study has ended; `dry` has only written its scripts. */
export type StudyOutcome = 'finished' | 'failed' | 'cancelled' | 'dry';

/** A study at a glance. */
export interface StudySummary {
  readonly name: string;
  readonly createdAt: number;
  readonly endedAt: number | undefined;
  readonly outcome: StudyOutcome | undefined;
  readonly cancelRequestedAt: number | undefined;
  readonly isPaused: boolean;
  /** How many steps it has, without those that were removed. */
  readonly total: number;
  /** Only states in which there are steps. */
  readonly counts: ReadonlyMap<StepState, number>;
  readonly limits: Limits;
}

/** One step as status shows it. Times are Unix milliseconds of its newest attempt. */
export interface StatusRow {
  readonly id: number;
  readonly name: string;
  readonly workspace: string;
  readonly state: StepState;
  readonly attempts: number;
  readonly restarts: number;
  readonly job: string | null;
  readonly submittedAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Until when it waits for its next try, if it does. */
  readonly notBefore: number | null;
}

/** One attempt at a step, newest last. */
export interface AttemptRow {
  readonly number: number;
  readonly script: 'main' | 'restart';
  readonly job: string | null;
  readonly host: string;
  readonly submittedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly userMs: number | null;
  readonly systemMs: number | null;
  readonly maxRssKib: number | null;
  /** How often its requests had grown since the step's first try. */
  readonly growth: number;
}

/** One line of the event log; `step` is null for what concerns the whole study. */
export interface EventRow {
  readonly id: number;
  readonly at: number;
  readonly step: number | null;
  readonly from: StepState | null;
  readonly to: StepState | null;
  readonly why: string;
}

/** What the store knows of the study as a whole. Throws StoreDamaged where that cannot be. */
export function readSummary(store: Store): StudySummary {
  const study = store
    .prepare(
      `SELECT name, created_at AS createdAt, ended_at AS endedAt, outcome,
         cancel_requested_at AS cancelRequestedAt, is_paused AS isPaused FROM study`,
    )
    .get() as
    | {
        name: string;
        createdAt: number;
        endedAt: number | null;
        outcome: StudyOutcome | null;
        cancelRequestedAt: number | null;
        isPaused: number;
      }
    | undefined;
  const counts = store.prepare('SELECT state, count(*) FROM step GROUP BY state').raw().all() as [
    StepState,
    number,
  ][];
  const strange = counts.find(([state]) => !STEP_STATES.includes(state));
  if (strange !== undefined) throw new StoreDamaged(`there is no state ${JSON.stringify(strange[0])}`);
  if (study === undefined) throw new StoreDamaged('the study is missing in it');
  return {
    name: study.name,
    createdAt: study.createdAt,
    endedAt: study.endedAt ?? undefined,
    outcome: study.outcome ?? undefined,
    cancelRequestedAt: study.cancelRequestedAt ?? undefined,
    isPaused: study.isPaused === 1,
    total: counts.reduce((sum, [state, count]) => sum + (state === 'REMOVED' ? 0 : count), 0),
    counts: new Map(counts),
    limits: readLimits(store),
  };
}

/** The limits as they are now, updates included. */
export function readLimits(store: Store): Limits {
  const { cores, gpus, ...limits } = store
    .prepare('SELECT attempts, rlimit, throttle, sleeptime, cores, gpus FROM limits')
    .get() as Omit<Limits, 'cores' | 'gpus'> & { cores: number | null; gpus: number | null };
  return { ...limits, ...(cores === null ? {} : { cores }), ...(gpus === null ? {} : { gpus }) };
}

/** Where the study runs, as its batch block says; read without the rest of the plan. */
export function readBatchType(store: Store): BatchType {
  return store.prepare("SELECT json_extract(plan, '$.batch.type') FROM study").pluck().get() as BatchType;
}

/** All steps in the order of status.csv, one at a time: a million of them need no memory. */
export function readRows(store: Store): IterableIterator<StatusRow> {
  return store
    .prepare(
      `SELECT step.id, step.name, step.workspace, step.state, step.attempts, step.restarts, attempt.job,
         attempt.submitted_at AS submittedAt, attempt.started_at AS startedAt, attempt.ended_at AS endedAt,
         step.not_before AS notBefore
       FROM step LEFT JOIN attempt ON attempt.step = step.id AND attempt.number = step.attempts
       ORDER BY step.id`,
    )
    .iterate() as IterableIterator<StatusRow>;
}

/** Steps that are to be cancelled and have an attempt in flight that has not ended yet. */
export function readDoomed(store: Store): number[] {
  return store
    .prepare(
      `SELECT step.id FROM step JOIN attempt ON attempt.step = step.id AND attempt.number = step.attempts
       WHERE step.is_doomed = 1 AND attempt.outcome IS NULL ORDER BY step.id`,
    )
    .pluck()
    .all() as number[];
}

/** How many of these steps are in a state that a study may not end in. */
export function readUnsettled(store: Store, steps: readonly number[]): number {
  return store
    .prepare(
      `SELECT count(*) FROM step WHERE id IN (SELECT value FROM json_each(?))
         AND state NOT IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
    .get(JSON.stringify(steps), JSON.stringify(FINAL)) as number;
}

/** When the newest attempts ended, newest first, at most `limit`. */
export function readRecentEnds(store: Store, limit: number): number[] {
  return store
    .prepare('SELECT ended_at FROM attempt WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?')
    .pluck()
    .all(limit) as number[];
}

/** Steps that wait for their next try: how many, and when the first of them is tried. */
export interface Pauses {
  readonly count: number;
  /** Unix milliseconds. */
  readonly next: number;
}

/** The steps that wait for their next try; undefined where there are none. */
export function readPauses(store: Store): Pauses | undefined {
  const [count, next] = store
    .prepare('SELECT count(*), min(not_before) FROM step WHERE not_before IS NOT NULL')
    .raw()
    .get() as [number, number | null];
  return next === null ? undefined : { count, next };
}

/** When a step that waits for its next try may be tried, in Unix milliseconds; undefined for any other step. */
export function readNotBefore(store: Store, step: number): number | undefined {
  const at = store.prepare('SELECT not_before FROM step WHERE id = ?').pluck().get(step) as number | null;
  return at ?? undefined;
}

/** All attempts at a step, oldest first. */
export function readAttempts(store: Store, step: number): AttemptRow[] {
  return store
    .prepare(
      `SELECT number, script, job, host, submitted_at AS submittedAt, started_at AS startedAt,
         ended_at AS endedAt, outcome, exit_code AS exitCode, signal, user_ms AS userMs,
         system_ms AS systemMs, max_rss_kib AS maxRssKib, growth
       FROM attempt WHERE step = ? ORDER BY number`,
    )
    .all(step) as AttemptRow[];
}

/** Events after the one numbered `after` (0: all of them), oldest first, at most `limit` (-1: no limit). */
export function readEvents(store: Store, after: number, limit = -1): IterableIterator<EventRow> {
  return store
    .prepare(
      `SELECT id, at, step, from_state AS "from", to_state AS "to", why FROM event WHERE id > ? ORDER BY id LIMIT ?`,
    )
    .iterate(after, limit) as IterableIterator<EventRow>;
}

/** All events of a step, oldest first. */
export function readEventsOf(store: Store, step: number): EventRow[] {
  return store
    .prepare(
      `SELECT id, at, step, from_state AS "from", to_state AS "to", why FROM event WHERE step = ? ORDER BY id`,
    )
    .all(step) as EventRow[];
}

/** The number of the newest event; 0 where there is none. */
export function readNewestEvent(store: Store): number {
  return store.prepare('SELECT coalesce(max(id), 0) FROM event').pluck().get() as number;
}

/** The reason of the newest event of each of these steps. One pass over the log, however many they are. */
export function readNewestReasons(store: Store, steps: readonly number[]): Map<number, string> {
  const rows = store
    .prepare(
      `SELECT step, why, max(id) FROM event WHERE step IN (SELECT value FROM json_each(?)) GROUP BY step`,
    )
    .raw()
    .all(JSON.stringify(steps)) as [number, string, number][];
  return new Map(rows.map(([step, why]) => [step, why]));
}

/**
 * Why no step could be started lately, by the event log: the newest attempt that was to start could not, for a
 * reason that is the machine's and not the step's. Undefined where a step has started since.
 */
export function readStartOutage(store: Store): string | undefined {
  const newest = store
    .prepare(
      `SELECT to_state, why FROM event
       WHERE to_state = 'RUNNING' OR (to_state = 'INITIALIZED' AND why LIKE 'cannot start: %')
       ORDER BY id DESC LIMIT 1`,
    )
    .raw()
    .get() as [StepState, string] | undefined;
  return newest?.[0] === 'INITIALIZED' ? newest[1] : undefined;
}
