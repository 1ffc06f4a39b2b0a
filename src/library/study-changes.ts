import type { StepState, StudyState } from '../shared/state/states.ts';
import { eventsOf, type NamedEvent } from '../shared/status/events.ts';
import { readStatus } from './study-status.ts';

/** One thing that happens in a study. `id` counts up; `at` is Unix milliseconds. */
export type StudyChange =
  /** A step has come into another state. */
  | {
      readonly kind: 'step';
      readonly id: number;
      readonly at: number;
      readonly step: string;
      readonly from: StepState;
      readonly to: StepState;
      readonly why: string;
    }
  /** Something that concerns the study as a whole: limits that were changed, a request that was answered. */
  | { readonly kind: 'note'; readonly id: number; readonly at: number; readonly why: string }
  /** The last one: how the study stands now that nobody conducts it any more. */
  | { readonly kind: 'end'; readonly state: StudyState };

/** What is watched of a study. */
export interface WatchOptions {
  /** Begin behind the change of this number; 0, the default: with all that has happened so far. */
  readonly after?: number;
  /** Ends the watching; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * What happens in a study, oldest first, until nobody conducts it any more. Throws a UserError where the directory
 * is no study's, and the signal's reason once that is aborted.
 */
export async function* changesOf(
  directory: string,
  { after = 0, signal }: WatchOptions,
): AsyncGenerator<StudyChange, void, undefined> {
  const wanted = { after, follows: true, ...(signal === undefined ? {} : { signal }) };
  for await (const events of eventsOf(directory, wanted)) {
    for (const event of events) {
      signal?.throwIfAborted();
      yield changeOf(event);
    }
  }
  yield { kind: 'end', state: readStatus(directory).state };
}

function changeOf({ id, at, step, from, to, why }: NamedEvent): StudyChange {
  if (step === null || from === null || to === null) return { kind: 'note', id, at, why };
  return { kind: 'step', id, at, step, from, to, why };
}
