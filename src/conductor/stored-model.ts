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
    .prepare(
      `SELECT state, attempts, retries, restarts, resubmissions, not_before AS notBefore,
         CASE WHEN not_before IS NOT NULL THEN not_before - (
           SELECT ended_at FROM attempt WHERE attempt.step = step.id AND number = step.attempts) END AS waitMs
       FROM step ORDER BY id`,
    )
    .iterate() as IterableIterator<StoredStep>;
  return new Model(buildGraph(study, expansion), stored, flights);
}
