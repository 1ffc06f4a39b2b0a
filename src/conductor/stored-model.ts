import type { Store } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import { buildGraph } from './graph.ts';
import { type Flight, Model, type StoredStep } from './model.ts';

/** The model of a study as its store has it, with these attempts in flight. */
export function loadModel(
  store: Store,
  { study, expansion }: Pick<StudyRecord, 'study' | 'expansion'>,
  flights: Iterable<Flight>,
): Model {
  const stored = store
    .prepare('SELECT state, attempts, retries, restarts, resubmissions FROM step ORDER BY id')
    .iterate() as IterableIterator<StoredStep>;
  return new Model(buildGraph(study, expansion), stored, flights);
}
