import type { Clock } from '../../../shared/clock.ts';

/** What happens within this time is looked at together, in milliseconds: a study of short jobs changes all the time. */
const GATHER_MS = 50;

/** At least so often everything is looked at, in milliseconds: not every file system tells of its changes. */
const LOOK_MS = 2_000;

/** Calls `look` soon after each `wake`, and now and then without. */
export function createLooking(clock: Clock, look: () => void): { wake(): void; close(): void } {
  let cancel: (() => void) | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let isClosed = false;
  const schedule = (ms: number): void => {
    const at = clock.elapsed() + ms;
    if (isClosed || at >= dueAt) return;
    cancel?.();
    dueAt = at;
    cancel = clock.after(ms, () => {
      dueAt = Number.POSITIVE_INFINITY;
      look();
      schedule(LOOK_MS);
    });
  };
  schedule(0);
  return {
    wake: () => schedule(GATHER_MS),
    close() {
      isClosed = true;
      cancel?.();
    },
  };
}
