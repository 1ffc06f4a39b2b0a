import type { Row } from '../../shared/state/copy/tables.ts';
import { isFinal, isInFlight, isKnownState, type StepState } from '../../shared/state/states.ts';
import type { RemovedStep } from '../../shared/study/study.ts';
import type { FoundAttempt } from './evidence.ts';

/** What is known of one step. */
export interface KnownStep {
  readonly row: Row;
  /** Its attempts' rows, oldest first. */
  readonly attempts: readonly Row[];
  /** The state that its newest event gives; undefined where it has none. */
  readonly told: string | undefined;
  /** Attempts that have left a mark elsewhere, oldest first. */
  readonly found: readonly FoundAttempt[];
  /** Whether it may have begun without leaving any other mark than its workspace. */
  readonly mayHaveBegun: boolean;
}

/** Whose attempts those are that nobody else claims. */
export interface Now {
  readonly at: number;
  readonly host: string;
  readonly epoch: number;
}

/** A step as it is restored: its row, the rows of its attempts, and why it is in another state than its events say. */
export interface RestoredStep {
  readonly row: Row;
  readonly attempts: readonly Row[];
  readonly why: string | undefined;
}

/**
 * Decides what a step's rows are to be. An attempt that was begun and whose end is not known is held open: the
 * next conductor then judges it as it judges any other that it finds, by runner, process table, output files,
 * claims and scheduler, and starts nothing twice.
 */
export function restoreStep(known: KnownStep, now: Now): RestoredStep {
  const step = { ...known, attempts: closeAllBut(known.attempts.length - 1, known.attempts, now) };
  return restoreNewest(step, now);
}

function restoreNewest(step: KnownStep, now: Now): RestoredStep {
  const { row, found } = step;
  const known = Math.max(Number(row.attempts), ...step.attempts.map(({ number }) => Number(number)), 0);
  const later = found.filter(({ number }) => number > known);
  if (later.length > 0) return restoreFound(step, later, now);
  const newest = step.attempts.at(-1);
  const state = stateOf(step);
  const numbered = { ...row, attempts: known };
  if (newest !== undefined && newest.number === known && newest.outcome === null) {
    if (isInFlight(state)) return restored(step, numbered, state, step.attempts);
    return restored(step, numbered, openStateOf(newest), step.attempts, 'an attempt of it is still open');
  }
  if (!isInFlight(state) && isSettled(state) && !(state === 'INITIALIZED' && step.mayHaveBegun)) {
    return restored(step, numbered, state, step.attempts);
  }
  if (isInFlight(state) && newest?.number === known) {
    return restored(step, numbered, afterEnd(newest), step.attempts, 'its newest attempt has ended');
  }
  // Where the attempt is numbered but its row is lost it is that one; else the one that would have come next.
  const number = isInFlight(state) && known > 0 ? known : known + 1;
  const attempts = [...step.attempts, openAttempt(Number(row.id), number, now)];
  return restored(
    step,
    { ...row, attempts: number },
    'PENDING',
    attempts,
    'nobody knows whether it has begun',
  );
}

/** Attempts that only their marks know of: the newest is judged by the next conductor, unless its end is certain. */
function restoreFound(step: KnownStep, later: readonly FoundAttempt[], now: Now): RestoredStep {
  const last = later.at(-1)!;
  const isDropped = last.ending?.outcome === 'DROPPED';
  const rows = later.map((found) => attemptRow(found, found === last && !isDropped, now));
  const earlier = closeAllBut(-1, step.attempts, now);
  const state = isDropped ? 'INITIALIZED' : openStateOf(rows.at(-1)!);
  const why = isDropped
    ? `attempt ${last.number} was never started, by its records`
    : `attempt ${last.number} was begun, by its records`;
  return restored(step, { ...step.row, attempts: last.number }, state, [...earlier, ...rows], why);
}

function restored(
  { row: before, told }: KnownStep,
  row: Row,
  state: StepState,
  attempts: readonly Row[],
  why?: string,
): RestoredStep {
  const isNews = state !== (told ?? 'INITIALIZED') && before.state !== 'DRYRUN';
  // A pause before the next try ends with that try, and no other state has one.
  const isPauseOver = typeof row.not_before === 'number' && state !== 'INITIALIZED';
  const now = { ...row, ...removalOf(row, state), state, ...(isPauseOver ? { not_before: null } : {}) };
  return { row: now, attempts, why: isNews ? (why ?? 'by what was known last') : undefined };
}

/** What is kept of a removed step, and of no other; of one that is lost no more is known than its name. */
function removalOf({ name, workspace, removed }: Row, state: StepState): Row {
  if (state !== 'REMOVED') return typeof removed === 'string' ? { removed: null } : {};
  const unknown: RemovedStep = { template: String(name), params: [], workspace: String(workspace) };
  return { removed: removed ?? JSON.stringify(unknown) };
}

/** The state that was known last; events are written with the rows and are the better witnesses. */
function stateOf({ row, told }: KnownStep): StepState {
  if (typeof row.removed === 'string') return 'REMOVED';
  const state = told ?? row.state;
  return isKnownState(state) ? state : 'INITIALIZED';
}

/** States that a step may stay in: the others are passed through within one turn. */
function isSettled(state: StepState): boolean {
  return state === 'INITIALIZED' || isFinal(state);
}

function openStateOf({ started_at: startedAt }: Row): StepState {
  return startedAt === null ? 'PENDING' : 'RUNNING';
}

/** What follows an attempt that has ended, where nobody has said it. */
function afterEnd({ outcome }: Row): StepState {
  if (outcome === 'DROPPED') return 'INITIALIZED';
  return isKnownState(outcome) && isFinal(outcome) ? outcome : 'FAILED';
}

function openAttempt(step: number, number: number, { at, host, epoch }: Now): Row {
  return attemptColumns({ step, number, epoch, host, job: null, startedAt: null, ending: undefined }, at);
}

function attemptRow(found: FoundAttempt, isOpen: boolean, { at, host, epoch }: Now): Row {
  const ending = isOpen ? undefined : (found.ending ?? ({ at, outcome: 'UNKNOWN' } as const));
  return attemptColumns({ ...found, epoch: found.epoch ?? epoch, host: found.host ?? host, ending }, at);
}

function attemptColumns(found: FoundAttempt & { epoch: number; host: string }, at: number): Row {
  const { step, number, epoch, host, ending } = found;
  const endedAt = ending === undefined ? null : (ending.at ?? at);
  const startedAt = startOf(found, endedAt);
  const exit = ending?.exit;
  return {
    step,
    number,
    script: 'main',
    submitted_at: startedAt ?? endedAt ?? at,
    epoch,
    job: found.job ?? (startedAt === null ? null : 'unknown'),
    host,
    gpus: '',
    started_at: startedAt,
    ended_at: endedAt,
    outcome: ending?.outcome ?? null,
    exit_code: exit !== undefined && 'code' in exit ? exit.code : null,
    signal: exit !== undefined && 'signal' in exit ? exit.signal : null,
  };
}

/** What has finished has begun at some time; what was dropped never has. */
function startOf({ startedAt, ending }: FoundAttempt, endedAt: number | null): number | null {
  if (ending?.outcome === 'DROPPED') return null;
  return startedAt ?? (ending?.outcome === 'FINISHED' ? endedAt : null);
}

/** Only the newest attempt may be open. */
function closeAllBut(newest: number, attempts: readonly Row[], { at }: Now): Row[] {
  return attempts.map((row, index) =>
    row.outcome === null && index !== newest ? { ...row, outcome: 'UNKNOWN', ended_at: at } : row,
  );
}
