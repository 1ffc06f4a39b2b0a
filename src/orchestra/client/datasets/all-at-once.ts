import PQueue from 'p-queue';
import { FILES_AT_ONCE } from './transfer.ts';

/**
 * Does pieces of work, several at once. The first failure stops all others by their signal, and is what is thrown;
 * so does a signal from outside.
 */
export async function allAtOnce(
  work: Iterable<(signal: AbortSignal) => Promise<void>>,
  outer: AbortSignal | undefined,
): Promise<void> {
  const queue = new PQueue({ concurrency: FILES_AT_ONCE });
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  for (const piece of work) {
    await queue.onSizeLessThan(1);
    if (failure !== undefined) break;
    void queue
      .add(async () => await piece(signal))
      .catch((error: unknown) => {
        failure ??= { error };
        stop.abort(error);
      });
  }
  await queue.onIdle();
  outer?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
