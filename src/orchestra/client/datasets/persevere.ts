import { systemClock } from '../../../shared/clock.ts';
import { Refusal } from '../../refusal.ts';
import type { TransferOptions } from './transfer.ts';

/**
 * The pauses before another try, in milliseconds: two minutes in all, in which a server starts again or a line
 * comes back. Whoever needs longer starts the command again, which goes on where it was.
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  200, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000,
];

/** Whether the same may succeed a little later. */
export function isPassing(error: unknown): boolean {
  return error instanceof Refusal && (error.code === 'unavailable' || error.code === 'too-many-requests');
}

/**
 * Does something again, after pauses, while the server cannot be reached or cannot do it just now. Throws what
 * the last try threw.
 */
export async function persevere<Result>(
  { clock = systemClock, signal, onTrouble }: TransferOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      onTrouble?.((error as Error).message, delay);
      await pause(delay);
    }
  }
  return await work();

  function pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const takeBack = clock.after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        takeBack();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }
}
