import { mayFollow } from './states.ts';
import type { Store } from './store.ts';
import type { AttemptChange, Limits, Transition } from './transition.ts';

/** Thrown when another conductor has taken the study over: this one must stop without another write. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** A study-wide line of the event log. */
export interface Note {
  readonly at: number;
  readonly why: string;
}

/** All that one turn of the conductor records, in one transaction. */
export interface Turn {
  readonly transitions: readonly Transition[];
  readonly notes: readonly Note[];
  readonly limits?: Limits;
  readonly cancelRequestedAt?: number;
  /** The study is to go on: it has not ended, and nobody wants it cancelled any more. */
  readonly isReopened?: boolean;
  /** Whether nothing more is to be submitted, where that has changed. */
  readonly isPaused?: boolean;
  /** Requests, by name, that this turn answers and that must not be answered again. */
  readonly served?: readonly string[];
  /** Steps in flight that the user wants cancelled, whatever becomes of their attempts. */
  readonly doomed?: readonly number[];
  readonly ended?: { readonly outcome: 'finished' | 'failed' | 'cancelled'; readonly at: number };
}

/** Whether a turn changes anything, or only says that the conductor lives. */
export function isChange(turn: Turn): boolean {
  return Object.values(turn).some((value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
}

/** The conductor's write side of the store. */
export interface Journal {
  /**
   * Records a turn, or nothing of it. Throws LeaseLost where the lease is another's by now, SQLite's errors
   * where the disk or its locks fail, and an Error for a transition that the table forbids: a bug.
   */
  record(turn: Turn, now: number): void;
}

/** Opens the journal for the conductor that holds the lease with this epoch. */
export function openJournal(store: Store, epoch: number): Journal {
  const renew = store.prepare(
    'UPDATE lease SET heartbeat = ? WHERE id = 1 AND epoch = ? AND released_at IS NULL',
  );
  const open = store.prepare(
    'UPDATE step SET state = ?, attempts = ?, not_before = NULL WHERE id = ? AND state = ?',
  );
  const moveOnly = store.prepare('UPDATE step SET state = ?, not_before = NULL WHERE id = ? AND state = ?');
  const moveAgain = store.prepare(
    `UPDATE step SET state = ?, retries = retries + ?, restarts = restarts + ?,
       resubmissions = resubmissions + ?, not_before = ? WHERE id = ? AND state = ?`,
  );
  const moveFresh = store.prepare(
    `UPDATE step SET state = ?, retries = 0, restarts = 0, resubmissions = 0, is_doomed = 0, not_before = NULL
     WHERE id = ? AND state = ?`,
  );
  const addEvent = store.prepare(
    'INSERT INTO event (at, step, from_state, to_state, why) VALUES (?, ?, ?, ?, ?)',
  );
  const changeAttempt = attemptStatements(store, epoch);
  const doom = store.prepare('UPDATE step SET is_doomed = 1 WHERE id = ?');
  const changeStudy = studyStatements(store);

  const moveStep = (transition: Transition): number => {
    const { step, from, to, attempt, again } = transition;
    if (attempt?.kind === 'opened') return open.run(to, attempt.number, step, from).changes;
    if (transition.isFresh === true) return moveFresh.run(to, step, from).changes;
    if (again === undefined) return moveOnly.run(to, step, from).changes;
    return moveAgain.run(
      to,
      Number(again === 'retry'),
      Number(again === 'restart'),
      Number(again === 'resubmission'),
      transition.notBefore ?? null,
      step,
      from,
    ).changes;
  };

  const recordTurn = store.transaction((turn: Turn, now: number) => {
    if (renew.run(now, epoch).changes !== 1)
      throw new LeaseLost('another conductor has taken the study over');
    for (const transition of turn.transitions) {
      const { step, from, to, at, why, attempt } = transition;
      if (!mayFollow(from, to) || moveStep(transition) !== 1) {
        throw new Error(`step ${step} cannot go from ${from} to ${to} (${why})`);
      }
      if (attempt !== undefined) changeAttempt(step, at, attempt);
      addEvent.run(at, step, from, to, why);
    }
    for (const step of turn.doomed ?? []) doom.run(step);
    for (const note of turn.notes) addEvent.run(note.at, null, null, null, note.why);
    changeStudy(turn, now);
  }).immediate;

  return { record: recordTurn };
}

/** What a turn changes of the study as a whole. */
function studyStatements(store: Store): (turn: Turn, now: number) => void {
  const setLimits = store.prepare(
    `UPDATE limits SET attempts = ?, rlimit = ?, throttle = ?, sleeptime = ?, cores = ?, gpus = ?
     WHERE id = 1`,
  );
  const requestCancel = store.prepare('UPDATE study SET cancel_requested_at = ? WHERE id = 1');
  const reopen = store.prepare(
    'UPDATE study SET outcome = NULL, ended_at = NULL, cancel_requested_at = NULL WHERE id = 1',
  );
  const serve = store.prepare('INSERT INTO request (name, served_at) VALUES (?, ?)');
  const pause = store.prepare('UPDATE study SET is_paused = ? WHERE id = 1');
  const end = store.prepare('UPDATE study SET outcome = ?, ended_at = ? WHERE id = 1');
  return (turn, now) => {
    if (turn.limits !== undefined) {
      const { attempts, rlimit, throttle, sleeptime, cores = null, gpus = null } = turn.limits;
      setLimits.run(attempts, rlimit, throttle, sleeptime, cores, gpus);
    }
    if (turn.isReopened === true) reopen.run();
    for (const name of turn.served ?? []) serve.run(name, now);
    if (turn.isPaused !== undefined) pause.run(Number(turn.isPaused));
    if (turn.cancelRequestedAt !== undefined) requestCancel.run(turn.cancelRequestedAt);
    if (turn.ended !== undefined) end.run(turn.ended.outcome, turn.ended.at);
  };
}

function attemptStatements(
  store: Store,
  epoch: number,
): (step: number, at: number, change: AttemptChange) => void {
  const open = store.prepare(
    `INSERT INTO attempt (step, number, script, submitted_at, epoch, host, gpus, growth)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const accept = store.prepare('UPDATE attempt SET job = ? WHERE step = ? AND number = ?');
  const start = store.prepare(
    'UPDATE attempt SET job = coalesce(?, job), started_at = ? WHERE step = ? AND number = ?',
  );
  const end = store.prepare(
    `UPDATE attempt SET outcome = ?, ended_at = ?, exit_code = ?, signal = ?, user_ms = ?, system_ms = ?,
       max_rss_kib = ? WHERE step = ? AND number = ? AND outcome IS NULL`,
  );
  return (step, at, change) => {
    switch (change.kind) {
      case 'opened':
        open.run(step, change.number, change.script, at, epoch, change.host, change.gpus, change.growth);
        return;
      case 'accepted':
        accept.run(change.job, step, change.number);
        return;
      case 'started':
        start.run(change.job ?? null, change.startedAt, step, change.number);
        return;
      case 'ended': {
        const { exit, usage } = change;
        const code = exit !== undefined && 'code' in exit ? exit.code : null;
        const signal = exit !== undefined && 'signal' in exit ? exit.signal : null;
        end.run(
          change.outcome,
          change.endedAt,
          code,
          signal,
          usage?.userMs ?? null,
          usage?.systemMs ?? null,
          usage?.maxRssKib ?? null,
          step,
          change.number,
        );
        return;
      }
    }
  };
}
