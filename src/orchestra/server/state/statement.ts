import type { Statement } from 'better-sqlite3';
import type { ClusterStore } from './store.ts';

const prepared = new WeakMap<ClusterStore, Map<string, Statement>>();

/** A statement of the store, compiled at its first use only. `Row` is what its rows look like. */
export function statement<Row = unknown>(store: ClusterStore, sql: string): Statement<unknown[], Row> {
  const ofStore = prepared.get(store) ?? new Map<string, Statement>();
  prepared.set(store, ofStore);
  const compiled = ofStore.get(sql) ?? store.prepare(sql);
  ofStore.set(sql, compiled);
  return compiled as Statement<unknown[], Row>;
}
