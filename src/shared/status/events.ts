import { setTimeout } from 'node:timers/promises';
import { type EventRow, readEvents } from '../state/queries.ts';
import type { Store } from '../state/store.ts';
import { readStudyAt, takeOverview } from './snapshot.ts';
import { watchStores } from './study-watcher.ts';

/** A line of the event log, its step by name; no step where it concerns the whole study. */
export type NamedEvent = Omit<EventRow, 'step'> & { readonly step: string | null };

/** Events that a reader takes at a time: the store is closed again before they are handed on. */
const BATCH = 5_000;

/** A log that is written fast is read at most this often, in milliseconds. */
const PAUSE_MS = 100;

/** Which events are wanted. */
export interface WantedEvents {
  /** Those after the one of this number; 0: all. */
  readonly after: number;
  /** Go on with those that come later, until nobody conducts the study any more. */
  readonly follows: boolean;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
}

/** The events of a study, oldest first and in batches. */
export async function* eventsOf(directory: string, wanted: WantedEvents): AsyncGenerator<NamedEvent[]> {
  const reader: Reader = { directory, names: readStudyAt(directory, readNames), after: wanted.after };
  if (!wanted.follows) return yield* newEvents(reader);
  const { signal } = wanted;
  const watcher = watchStores([directory]);
  signal?.addEventListener('abort', watcher.close);
  try {
    for (;;) {
      signal?.throwIfAborted();
      // Asked before reading: what was recorded before the end is then read for certain.
      const isOver = takeOverview(directory).leaseState !== 'live';
      yield* newEvents(reader);
      if (isOver) return;
      await watcher.next();
      await setTimeout(PAUSE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  } finally {
    signal?.removeEventListener('abort', watcher.close);
    watcher.close();
  }
}

interface Reader {
  readonly directory: string;
  names: readonly string[];
  after: number;
}

function* newEvents(reader: Reader): Generator<NamedEvent[]> {
  for (;;) {
    const batch = readStudyAt(reader.directory, (store) => [...readEvents(store, reader.after, BATCH)]);
    reader.after = batch.at(-1)?.id ?? reader.after;
    if (batch.length > 0) yield batch.map((event) => withName(event, reader));
    if (batch.length < BATCH) return;
  }
}

function readNames(store: Store): string[] {
  return store.prepare('SELECT name FROM step ORDER BY id').pluck().all() as string[];
}

/** A study that is given another specification while somebody reads may have more steps than it had before. */
function withName(event: EventRow, reader: Reader): NamedEvent {
  if (event.step === null) return { ...event, step: null };
  if (event.step >= reader.names.length) reader.names = readStudyAt(reader.directory, readNames);
  return { ...event, step: reader.names[event.step]! };
}
