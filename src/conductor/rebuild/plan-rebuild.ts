import { type Cell, keyOf, type Row, type Table, type Tables } from '../../shared/state/copy/tables.ts';
import { isFinal, isKnownState } from '../../shared/state/states.ts';
import { expand } from '../../shared/study/expand.ts';
import type { Study } from '../../shared/study/study.ts';
import type { FoundAttempt } from './evidence.ts';
import { lastStates, mergeRemains, type Remains } from './last-known.ts';
import { type Now, type RestoredStep, restoreStep } from './restore-step.ts';

/** All that is left of a study beside its specification. */
export interface StudyRemains extends Remains {
  readonly found: ReadonlyMap<number, readonly FoundAttempt[]>;
  /** Whether a step that waits may have begun without any other mark than its workspace. */
  readonly mayHaveBegun: (row: Row) => boolean;
}

/** A store to be, and what it was made of. */
export interface RebuildPlan {
  readonly tables: Tables;
  /** Events that the copy had, that could be read in the store beyond those, and that had to be made up. */
  readonly events: { readonly copied: number; readonly salvaged: number; readonly added: number };
  /** Steps that are held for begun, to be judged by the next conductor, for what is only known from elsewhere. */
  readonly judged: number;
  /** Steps by the state that they are restored to. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Decides what a store is to hold, from all that is left of it; undefined where the plan itself is lost. It is
 * conservative: what may have begun counts as begun.
 */
export function planRebuild(remains: StudyRemains, at: number, host: string): RebuildPlan | undefined {
  const { tables, fromCopy, fromStore } = mergeRemains(remains);
  const study = tables.study.get('1');
  if (study === undefined || typeof study.plan !== 'string') return undefined;
  completeSteps(tables, study);
  const holder = tables.lease.get('1')?.host;
  const now: Now = { at, host: String(holder ?? host), epoch: newestEpoch(tables, remains) };
  const events = followEachOther(tables);
  const told = lastStates(tables);
  const attempts = attemptsByStep(tables);
  const restored = [...tables.step.values()].map((row) => {
    const id = Number(row.id);
    const found = remains.found.get(id) ?? [];
    const mayHaveBegun = remains.mayHaveBegun(row);
    const step = { row, attempts: attempts.get(id) ?? [], told: told.get(id), found, mayHaveBegun };
    return restoreStep(step, now);
  });
  const added = madeUpEvents(restored, told, events, at);
  const isOver = restored.every(({ row }) => isKnownState(row.state) && isFinal(row.state));
  return {
    tables: {
      ...tables,
      study: tableOf('study', [isOver ? study : { ...study, outcome: null, ended_at: null }]),
      limits: tables.limits.size > 0 ? tables.limits : tableOf('limits', [DEFAULT_LIMITS]),
      lease: leaseTable(tables, now),
      step: tableOf(
        'step',
        restored.map(({ row }) => row),
      ),
      attempt: tableOf(
        'attempt',
        restored.flatMap((step) => step.attempts),
      ),
      event: new Map([...events, ...tableOf('event', added)]),
    },
    events: { copied: fromCopy, salvaged: fromStore, added: added.length },
    judged: restored.filter(({ why }) => why !== undefined).length,
    counts: countStates(restored),
  };
}

/**
 * What a plan tells of its steps: rows that are lost begin anew, and are judged by what is found of them. A row of
 * the plan's columns that its specification has no more belongs to a step that was removed; a number beyond those
 * columns to none.
 */
function completeSteps({ step }: Tables, study: Row): void {
  const [template, combination] = [study.template, study.combination].map(columnOf) as [
    Uint32Array,
    Uint32Array,
  ];
  for (const id of step.keys()) if (Number(id) >= template.length) step.delete(id);
  if (step.size === template.length) return;
  const made = expand(JSON.parse(String(study.plan)) as Study);
  const placeOf = new Map(made.names.map((_, at) => [`${made.template[at]} ${made.combination[at]}`, at]));
  for (let id = 0; id < template.length; id++) {
    if (step.has(String(id))) continue;
    const at = placeOf.get(`${template[id]} ${combination[id]}`);
    const known =
      at === undefined
        ? { name: `step ${id}`, workspace: `_removed/step ${id}`, state: 'REMOVED' }
        : { name: made.names[at]!, workspace: made.workspaces[at]!, state: 'INITIALIZED' };
    step.set(String(id), { id, ...known, ...NO_COUNTERS });
  }
}

/** A column of an expansion as the store keeps it; a copy, since it need not be aligned there. */
function columnOf(cell: Cell | undefined): Uint32Array {
  const bytes = cell instanceof Uint8Array ? new Uint8Array(cell) : new Uint8Array();
  return new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
}

const NO_COUNTERS = { attempts: 0, retries: 0, restarts: 0, resubmissions: 0, is_doomed: 0 };

/** As a study has them that says nothing about its limits. */
const DEFAULT_LIMITS = { id: 1, attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 };

function newestEpoch({ lease, attempt }: Tables, { found }: StudyRemains): number {
  let newest = Number(lease.get('1')?.epoch ?? 1);
  for (const { epoch } of attempt.values()) newest = Math.max(newest, Number(epoch));
  for (const { epoch } of [...found.values()].flat()) newest = Math.max(newest, epoch ?? 0);
  return newest;
}

/** Nobody holds the new store; whoever does next gets an epoch that nobody had before. */
function leaseTable({ lease }: Tables, { at, host, epoch }: Now): Table {
  const known = lease.get('1') ?? { host, boot: '-', pid: 1, start_ticks: '0', user: '-', acquired_at: at };
  return tableOf('lease', [{ heartbeat: at, ...known, id: 1, epoch, released_at: known.released_at ?? at }]);
}

/** The events, each beginning where the one before it of the same step ended, whatever is missing between them. */
function followEachOther({ event }: Tables): Table {
  const states = new Map<unknown, unknown>();
  const events: Table = new Map();
  for (const row of [...event.values()].sort((a, b) => Number(a.id) - Number(b.id))) {
    const { step, from_state: from, to_state: to } = row;
    const before = states.get(step) ?? 'INITIALIZED';
    const isGap = step !== null && from !== before;
    const why = `${String(row.why)} (what came before is lost)`;
    events.set(keyOf('event', row), isGap ? { ...row, from_state: before as string, why } : row);
    if (step !== null) states.set(step, to);
  }
  return events;
}

function madeUpEvents(
  restored: readonly RestoredStep[],
  told: ReadonlyMap<number, string>,
  known: Table,
  at: number,
): Row[] {
  const added: Row[] = [];
  const newest = Math.max(0, ...[...known.values()].slice(-1).map(({ id }) => Number(id)));
  const add = (step: number | null, from: string | null, to: string | null, why: string): void => {
    added.push({ id: newest + added.length + 1, at, step, from_state: from, to_state: to, why });
  };
  for (const { row, why } of restored) {
    if (why === undefined) continue;
    add(Number(row.id), told.get(Number(row.id)) ?? 'INITIALIZED', String(row.state), `restored: ${why}`);
  }
  add(null, null, null, `the store was damaged, and is restored with ${known.size} of its events`);
  return added;
}

function attemptsByStep({ attempt }: Tables): Map<number, Row[]> {
  const byStep = new Map<number, Row[]>();
  for (const row of [...attempt.values()].sort((a, b) => Number(a.number) - Number(b.number))) {
    const step = Number(row.step);
    const known = byStep.get(step);
    if (known === undefined) byStep.set(step, [row]);
    else known.push(row);
  }
  return byStep;
}

function countStates(restored: readonly RestoredStep[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { row } of restored) counts.set(String(row.state), (counts.get(String(row.state)) ?? 0) + 1);
  return counts;
}

function tableOf(table: keyof Tables, rows: readonly Row[]): Table {
  return new Map(rows.map((row) => [keyOf(table, row), row]));
}
