import { readRows, readSummary } from '../../src/shared/state/queries.ts';
import { isFinal, isInFlight } from '../../src/shared/state/states.ts';
import { statusCsv } from '../../src/shared/state/status-csv.ts';
import type { JournalChecks } from './journal-checks.ts';
import { isSuccess } from './truth.ts';
import type { SimulatedWorld } from './world.ts';

interface AttemptRow {
  readonly step: number;
  readonly number: number;
  readonly outcome: string | null;
}

interface AttemptCount {
  readonly step: number;
  readonly outcome: string | null;
  readonly count: number;
}

/** Holds a study that has ended, and whose conductors are gone, to what was promised. */
export function checkEnd(world: SimulatedWorld, journal: JournalChecks): void {
  const summary = readSummary(world.store);
  if (summary.outcome === undefined) {
    world.violate(`the study does not end: ${[...summary.counts].map((each) => each.join(' ')).join(', ')}`);
    return;
  }
  checkOutcome(world, journal, summary.outcome);
  checkAttempts(world);
  checkRuns(world, journal);
  checkStatus(world);
}

function checkOutcome(world: SimulatedWorld, { states }: JournalChecks, outcome: string): void {
  for (const [step, state] of states.entries()) {
    if (!isFinal(state)) world.violate(`the study has ended, and step ${step} is ${state}`);
  }
  const isCancelled = states.includes('CANCELLED');
  const isFinished = states.every((state) => state === 'FINISHED');
  const expected = isCancelled ? 'cancelled' : isFinished ? 'finished' : 'failed';
  if (outcome !== expected) world.violate(`the study is called ${outcome}, and is ${expected}`);
}

/** Each attempt but the newest was followed by another for a reason that is counted. */
function checkAttempts({ store, truth, violate, planOf }: SimulatedWorld): void {
  const open = store.prepare('SELECT count(*) FROM attempt WHERE outcome IS NULL').pluck().get() as number;
  if (open > 0) violate(`the study has ended, and ${open} attempts are open`);
  const earlier = store
    .prepare(
      `SELECT attempt.step, attempt.number, attempt.outcome FROM attempt JOIN step ON step.id = attempt.step
       WHERE attempt.number < step.attempts`,
    )
    .all() as AttemptRow[];
  const counted = new Map<string, AttemptCount>();
  for (const { step, number, outcome } of earlier) {
    if (!truth.counts({ step, number })) continue;
    const key = `${step} ${outcome}`;
    counted.set(key, { step, outcome, count: (counted.get(key)?.count ?? 0) + 1 });
  }
  const counters = store.prepare('SELECT retries, restarts, resubmissions FROM step WHERE id = ?');
  for (const { step, outcome, count } of counted.values()) {
    const { retries, restarts, resubmissions } = counters.get(step) as Record<string, number>;
    const { on = ['FAILED'] } = planOf(step).retry ?? {};
    const allowed: Record<string, number | undefined> = {
      DROPPED: count,
      FAILED: retries,
      TIMEDOUT: restarts! + (on.includes('TIMEDOUT') ? retries! : 0),
      HWFAILURE: resubmissions! + (on.includes('HWFAILURE') ? retries! : 0),
    };
    if ((allowed[outcome ?? ''] ?? 0) < count)
      violate(`step ${step} was tried again after ${count} attempts ended ${outcome}`);
  }
}

/** Nothing runs on, and nothing that finished and said so is called otherwise. */
function checkRuns({ truth, store, violate }: SimulatedWorld, { states }: JournalChecks): void {
  const outcomeOf = store.prepare('SELECT outcome FROM attempt WHERE step = ? AND number = ?').pluck();
  for (const run of truth.runs.flat()) {
    const outcome = outcomeOf.get(run.step, run.number);
    const what = `step ${run.step} attempt ${run.number} (${run.place})`;
    if (run.end === undefined && outcome !== 'UNKNOWN')
      violate(`the study has ended, and ${what} still runs: ${outcome}`);
    if (
      isSuccess(run) &&
      run.knownAt !== undefined &&
      (truth.counts(run) ? states[run.step] : outcome) !== 'FINISHED' &&
      outcome !== 'UNKNOWN'
    ) {
      violate(`${what} has finished, and is called ${outcome}`);
    }
  }
  for (const [step, state] of states.entries()) {
    if (isInFlight(state)) violate(`the study has ended, and step ${step} is ${state}`);
  }
}

/** Of a study that has ended the durations do not depend on when they are asked for. */
function checkStatus(world: SimulatedWorld): void {
  const expected = statusCsv(readRows(world.store), () => '', world.timeline.now).split('\n');
  const file = `${world.directory}/status.csv`;
  const found = world.disk.exists(file) ? world.disk.read(file, 'anywhere').split('\n') : [];
  for (const [index, line] of expected.entries()) {
    if (found[index] !== line) {
      world.violate(`status.csv is not what the store says:\n${found[index] ?? 'nothing'}\n${line}`);
      return;
    }
  }
}
