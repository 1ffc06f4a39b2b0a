import type { Exit } from '../../../shared/state/transition.ts';
import type { JobReport } from '../scheduler.ts';
import type { AccountingAnswer, AccountingRow } from './accounting.ts';
import { exitOfWaitStatus } from './exit-status.ts';
import { parseJobId, type QueuedIds } from './job-ids.ts';
import { meaningOf, stateWords } from './job-states.ts';
import type { QueueRow } from './queue.ts';

type Ended = Extract<JobReport, { kind: 'ended' }>;

/** What the queue tells of the jobs asked for. */
export interface QueueView {
  readonly reports: ReadonlyMap<string, JobReport>;
  /** Jobs asked for that the queue does not have. */
  readonly gone: readonly string[];
  /** What accounting should be asked: whoever has ended, for what it used; whoever is gone, for its end. */
  readonly ask: readonly string[];
  /** Ids of arrays of which the queue has at least one element. */
  readonly arrays: ReadonlySet<string>;
}

/** Reads the queue for the jobs asked for. */
export function viewQueue(rows: readonly QueueRow[], jobs: readonly string[]): QueueView {
  const rowOf = indexRows(rows, jobs);
  const reports = new Map<string, JobReport>();
  const gone: string[] = [];
  const ask = new Set<string>();
  for (const job of jobs) {
    const row = rowOf(job);
    const report = row === undefined ? undefined : reportOf(row);
    if (report === undefined) {
      gone.push(job);
      // An element that was cancelled while it waited has no entry of its own, but the array's id has one.
      ask.add(parseJobId(job)?.base ?? job);
      continue;
    }
    reports.set(job, report);
    if (report.kind === 'ended') ask.add(job);
  }
  return { reports, gone, ask: [...ask].filter(isJobId), arrays: new Set(rows.map(({ ids }) => ids.base)) };
}

function isJobId(text: string): boolean {
  return parseJobId(text) !== undefined;
}

/**
 * Joins the queue's view with accounting's. What the queue says goes first: accounting lags. For a job that has
 * left the queue only an end counts: one that accounting still takes for running is a job whose end was lost.
 */
export function joinAccounting(
  view: QueueView,
  answer: AccountingAnswer<readonly AccountingRow[]>,
  jobs: readonly string[],
): Map<string, JobReport> {
  const reports = new Map(view.reports);
  if (answer.kind === 'absent') return reports;
  if (answer.kind === 'down') {
    const words = `has left the queue; accounting does not answer: ${answer.words}`;
    for (const job of view.gone) reports.set(job, { kind: 'running', state: 'FINISHING', words });
    return reports;
  }
  const rowOf = indexRows(answer.value, jobs);
  for (const [job, report] of view.reports) {
    const usage = report.kind === 'ended' ? rowOf(job)?.usage : undefined;
    if (usage !== undefined) reports.set(job, { ...report, usage } as Ended);
  }
  for (const job of view.gone) {
    const row = rowOf(job);
    const report = row === undefined ? vanished(job, view) : endOf(row);
    if (report !== undefined) reports.set(job, report);
  }
  return reports;
}

/**
 * Slurm keeps nothing of an array's element that is cancelled while it waits: neither the queue nor accounting.
 * Where the queue still has others of the array, and would have this one if it had run lately, that is the trace.
 */
function vanished(job: string, { arrays }: QueueView): JobReport | undefined {
  const id = parseJobId(job);
  if (id?.index === undefined || !arrays.has(id.base)) return undefined;
  return { kind: 'ended', outcome: 'CANCELLED', words: 'CANCELLED (taken out of its array while it waited)' };
}

/**
 * By job: its own row; for an element of an array else the row of those that wait, else the row of the array's
 * own id, which is what remains of those that were cancelled while they waited.
 */
function indexRows<Row extends { readonly ids: QueuedIds; readonly state: string }>(
  rows: readonly Row[],
  jobs: readonly string[],
): (job: string) => Row | undefined {
  const wanted = new Set(jobs);
  const byId = new Map<string, Row>();
  const cancelled = new Map<string, Row>();
  const bases = new Set(jobs.map((job) => parseJobId(job)?.base));
  for (const row of rows) {
    const { ids } = row;
    if (!bases.has(ids.base)) continue;
    if (ids.kind === 'waiting') {
      for (const index of ids.indexes()) {
        const id = `${ids.base}_${index}`;
        if (wanted.has(id) && !byId.has(id)) byId.set(id, row);
      }
      continue;
    }
    byId.set(ids.id, row);
    if (ids.id === ids.base && meaningOf(row.state, '').kind === 'ended') cancelled.set(ids.base, row);
  }
  return (job) => byId.get(job) ?? cancelled.get(parseJobId(job)?.base ?? '');
}

function reportOf({ state, reason, waitStatus, start, end }: QueueRow): JobReport {
  const meaning = meaningOf(state, reason);
  const words = stateWords(state, reason);
  if (meaning.kind === 'waiting') return { ...meaning, words };
  if (meaning.kind === 'running') return { ...meaning, ...times({ start }), words };
  return {
    ...meaning,
    ...exitFor(meaning.outcome, exitOfWaitStatus(waitStatus)),
    ...times({ start, end }),
    words,
  };
}

function endOf({ state, exit, start, end, usage }: AccountingRow): Ended | undefined {
  const meaning = meaningOf(state, '');
  if (meaning.kind !== 'ended') return undefined;
  return {
    ...meaning,
    ...exitFor(meaning.outcome, exit),
    ...times({ start, end }),
    ...(usage === undefined ? {} : { usage }),
    words: stateWords(state, ''),
  };
}

/** A job that did not finish and has exit code 0 was ended by Slurm, and the code is nobody's. */
function exitFor(outcome: Ended['outcome'], exit: Exit | undefined): { exit?: Exit } {
  if (exit === undefined || (outcome !== 'FINISHED' && 'code' in exit && exit.code === 0)) return {};
  return { exit };
}

function times({ start, end }: { readonly start: string; readonly end?: string }): {
  startedAt?: number;
  endedAt?: number;
} {
  const startedAt = milliseconds(start);
  const endedAt = milliseconds(end ?? '');
  return { ...(startedAt === undefined ? {} : { startedAt }), ...(endedAt === undefined ? {} : { endedAt }) };
}

/** Unix seconds as milliseconds; undefined for the words (N/A, Unknown, None) that stand for no time. */
function milliseconds(text: string): number | undefined {
  return /^[1-9]\d*$/.test(text) ? Number(text) * 1000 : undefined;
}
