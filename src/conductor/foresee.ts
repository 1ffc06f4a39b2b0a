import { isFinal } from '../shared/state/states.ts';
import type { Store } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import { descendantsOf } from './descendants.ts';
import { planRetry, type RetryPlan } from './repair.ts';
import { loadModel } from './stored-model.ts';

/** What a retry of these steps would do to the study as its store has it now. Changes nothing. */
export function foreseeRetry(
  store: Store,
  record: StudyRecord,
  seeds: readonly number[],
  descendants: boolean,
): RetryPlan {
  return planRetry(loadModel(store, record, []), seeds, descendants, (step) => record.expansion.names[step]!);
}

/**
 * Which steps a cancel of these would cancel, as the store has the study now: those of them that have not
 * settled, and what waits for them. In the order of their rows. Changes nothing.
 */
export function foreseeCancel(store: Store, record: StudyRecord, seeds: readonly number[]): number[] {
  const model = loadModel(store, record, []);
  const open = new Set(seeds.filter((step) => !isFinal(model.stateOf(step))));
  const doomed = descendantsOf(model.graph, open);
  for (const step of doomed) if (model.stateOf(step) === 'INITIALIZED') open.add(step);
  return [...open].sort((a, b) => a - b);
}
