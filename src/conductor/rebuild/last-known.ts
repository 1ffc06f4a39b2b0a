import type { DecodedCopy } from '../../shared/state/copy/decode.ts';
import {
  emptyTables,
  putRow,
  type Row,
  TABLE_NAMES,
  type TableName,
  type Tables,
} from '../../shared/state/copy/tables.ts';
import { isKnownState } from '../../shared/state/states.ts';

/** What is left of a store: its copy, and rows that could be read. */
export interface Remains {
  readonly copy: Pick<DecodedCopy, 'tables' | 'until' | 'problems'> | undefined;
  readonly salvaged: Tables;
}

/** The tables as they were last known, and how many of their events came from where. */
export interface Base {
  readonly tables: Tables;
  readonly fromCopy: number;
  readonly fromStore: number;
}

/**
 * Puts together what the copy knows and what the store knew beyond that. A row of the damaged store is used only
 * where the copy has none, or where events that continue the copy's without a gap say that it is newer.
 */
export function mergeRemains(remains: Remains): Base {
  const { copy, salvaged: found } = remains;
  const salvaged = isOfOtherPlan(found, copy?.tables) ? emptyTables() : found;
  const tables = emptyTables();
  const until = copy?.until ?? 0;
  for (const name of TABLE_NAMES) {
    const mayBeMissing = mayLack(remains, name);
    for (const [key, row] of salvaged[name]) {
      const isMissing = copy?.tables[name].has(key) !== true;
      if (isMissing && mayBeMissing) tables[name].set(key, row);
    }
    for (const [key, row] of copy?.tables[name] ?? []) {
      tables[name].set(key, { ...tables[name].get(key), ...row });
    }
  }
  const fromCopy = copy?.tables.event.size ?? 0;
  if (copy === undefined) return { tables, fromCopy, fromStore: tables.event.size };
  const newer = eventsAfter(until, salvaged, lastStates(copy.tables));
  for (const event of newer) putRow(tables, 'event', event);
  for (const step of new Set(newer.map(({ step }) => step))) takeStep(Number(step), newer, tables, salvaged);
  return { tables, fromCopy, fromStore: newer.length };
}

/**
 * Whether the store may have had rows of a table that its copy has not, beside those that newer events bring. A whole
 * copy has every step, and all attempts up to its last event, with which each comes: what else is found in a store
 * that ends with the same event is a key that has changed.
 */
function mayLack({ copy, salvaged }: Remains, table: TableName): boolean {
  if (copy === undefined) return true;
  if (table === 'event') return false;
  if (copy.problems.length > 0) return true;
  if (table === 'attempt') return copy.until !== newestOf(salvaged);
  return table !== 'step';
}

function newestOf({ event }: Tables): number {
  let newest = 0;
  for (const { id } of event.values()) newest = Math.max(newest, Number(id));
  return newest;
}

/**
 * Whether the store had been given another specification that never came into its copy. No attempt was made of that
 * yet, and its rows do not go with the plan of the copy: the study is restored as it was before.
 */
function isOfOtherPlan(salvaged: Tables, copied: Tables | undefined): boolean {
  const [ours, theirs] = [salvaged, copied].map((tables) => tables?.study.get('1')?.edition);
  return typeof ours === 'number' && typeof theirs === 'number' && ours !== theirs;
}

/** The state that the newest event of each step gives. */
export function lastStates({ event }: Tables): Map<number, string> {
  const states = new Map<number, string>();
  const events = [...event.values()].sort((a, b) => Number(a.id) - Number(b.id));
  for (const { step, to_state: to } of events) if (step !== null) states.set(Number(step), String(to));
  return states;
}

/** Events that follow the one with this number, each in its place, up to the first that cannot be believed. */
function eventsAfter(until: number, { event }: Tables, states: Map<number, string>): Row[] {
  const events: Row[] = [];
  for (let id = until + 1; ; id++) {
    const row = event.get(String(id));
    if (row === undefined) return events;
    const { step, from_state: from, to_state: to } = row;
    if (step !== null) {
      const before = states.get(Number(step)) ?? 'INITIALIZED';
      if (from !== before || !isKnownState(to)) return events;
      states.set(Number(step), to);
    }
    events.push(row);
  }
}

/** The store's rows of a step that has newer events, where they agree with those. */
function takeStep(step: number, newer: readonly Row[], tables: Tables, salvaged: Tables): void {
  const row = salvaged.step.get(String(step));
  const last = newer.findLast((event) => event.step === step);
  if (row === undefined || row.state !== last?.to_state) return;
  putRow(tables, 'step', row);
  for (const attempt of salvaged.attempt.values()) {
    const isCounted = Number(attempt.number) <= Number(row.attempts);
    if (attempt.step === step && isCounted) putRow(tables, 'attempt', attempt);
  }
}
