import type { Clock } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { TaskDetails } from '../api/tasks.ts';
import { Refusal } from '../refusal.ts';
import type { Connection } from './call.ts';
import { readJobLog, showTask } from './tasks.ts';

/** How followers look. */
export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/** The first pause between two looks, in milliseconds, and the longest: it grows while nothing changes. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** How long a server may be away, in milliseconds: it is being updated, or its machine starts again. */
const PATIENCE_MS = 15 * 60_000;

/**
 * A task each time that it has changed, until it has ended; the first time at once. A server that is away for a while
 * is waited for; throws its Refusal where it does not come back.
 */
export async function* followTask(
  connection: Connection,
  name: string,
  options: FollowOptions = {},
): AsyncGenerator<TaskDetails> {
  let last = '';
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const task = await patiently(options, () => showTask(connection, name, options.signal));
    const seen = JSON.stringify([task.state, task.stateAt, task.jobs]);
    if (seen !== last) yield task;
    if (task.endedAs !== null) return;
    pause = seen === last ? Math.min(pause * 1.5, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    last = seen;
    await wait(pause, options);
  }
}

/** The log of a job in pieces, until it has ended; a job that has not started yet is waited for. */
export async function* followLog(
  connection: Connection,
  { task, number }: { readonly task: string; readonly number: number },
  options: FollowOptions = {},
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const asked = { task, number, offset };
    const { bytes, isLast } = await patiently(options, () => readJobLog(connection, asked, options.signal));
    offset += bytes.length;
    if (bytes.length > 0) yield bytes;
    if (isLast) return;
    pause = bytes.length === 0 ? Math.min(pause * 1.5, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    await wait(pause, options);
  }
}

async function patiently<Found>(options: FollowOptions, look: () => Promise<Found>): Promise<Found> {
  const { clock = systemClock } = options;
  const since = clock.elapsed();
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const isAway = error instanceof Refusal && error.code === 'unavailable';
      if (!isAway || clock.elapsed() - since > PATIENCE_MS) throw error;
      await wait(LONGEST_PAUSE_MS, options);
    }
  }
}

/** Waits, unless the signal says that it is not worth it any more: then it throws the signal's reason. */
async function wait(ms: number, { clock = systemClock, signal }: FollowOptions): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}
