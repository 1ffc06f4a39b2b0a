import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/** A run of a task. */
export interface RunOfTask {
  readonly id: number;
  readonly run: number;
}

/** Notes that nobody needs the study of this run any more. */
export function planRemoval(store: ClusterStore, { id, run }: RunOfTask): void {
  statement(store, 'INSERT INTO removal (task, run) VALUES (?, ?) ON CONFLICT DO NOTHING').run(id, run);
}

/** The runs whose studies are still to be removed. */
export function plannedRemovals(store: ClusterStore): RunOfTask[] {
  return statement<RunOfTask>(store, 'SELECT task AS id, run FROM removal ORDER BY task, run').all();
}

/** Notes that a study has been removed. */
export function endRemoval(store: ClusterStore, { id, run }: RunOfTask): void {
  statement(store, 'DELETE FROM removal WHERE task = ? AND run = ?').run(id, run);
}
