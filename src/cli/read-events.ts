import { setTimeout } from 'node:timers/promises';
import { type EventRow, readEvents } from '../shared/state/queries.ts';
import type { Store } from '../shared/state/store.ts';
import { readStudyAt, takeOverview } from '../shared/status/snapshot.ts';
import { watchStores } from '../shared/status/study-watcher.ts';

/** A line of the event log, its step by name; no step where it concerns the whole study. */
export type NamedEvent = Omit<EventRow, 'step'> & { readonly step: string | null };

/** Events that a reader takes at a time: the store is closed again before they are printed. */
const BATCH = 5_000;

/** A log that is written fast is read at most this often, in milliseconds. */
const PAUSE_MS = 100;

/**
 * Hands the events of a study to `show`, oldest first and in batches, those of steps whose names `accepts`; with
 * `follows` also those that come later, until nobody conducts the study any more. Where only some steps are asked
 * for, lines that concern the whole study are left out.
 */
export async function showEvents(
  directory: string,
  options: {
    readonly accepts: ((step: string) => boolean) | undefined;
    readonly follows: boolean;
    readonly show: (events: readonly NamedEvent[]) => Promise<void>;
  },
): Promise<void> {
  const { accepts, follows, show } = options;
  const names = readStudyAt(directory, readNames);
  let after = 0;
  const showNew = async (): Promise<void> => {
    for (;;) {
      const batch = readStudyAt(directory, (store) => [...readEvents(store, after, BATCH)]);
      after = batch.at(-1)?.id ?? after;
      const named = batch.map((event) => withName(event, names));
      await show(accepts === undefined ? named : named.filter(({ step }) => step !== null && accepts(step)));
      if (batch.length < BATCH) return;
    }
  };
  if (follows) await repeatWhileConducted(directory, showNew);
  else await showNew();
}

async function repeatWhileConducted(directory: string, showNew: () => Promise<void>): Promise<void> {
  const watcher = watchStores([directory]);
  try {
    for (;;) {
      // Asked before reading: what was recorded before the end is then read for certain.
      const isOver = takeOverview(directory).leaseState !== 'live';
      await showNew();
      if (isOver) return;
      await watcher.next();
      await setTimeout(PAUSE_MS);
    }
  } finally {
    watcher.close();
  }
}

function readNames(store: Store): readonly string[] {
  return store.prepare('SELECT name FROM step ORDER BY id').pluck().all() as string[];
}

function withName(event: EventRow, names: readonly string[]): NamedEvent {
  return { ...event, step: event.step === null ? null : names[event.step]! };
}
