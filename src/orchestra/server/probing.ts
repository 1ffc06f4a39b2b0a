import type { Clock } from '../../shared/clock.ts';

/**
 * Calls a probe in intervals, each call so long after the one before has ended: one that hangs is not joined by others.
 * `probe` throws nothing. Answers what ends that, once the last call has ended.
 */
export function probeRegularly(
  clock: Clock,
  everyMs: number,
  probe: () => Promise<void>,
): { close(): Promise<void> } {
  let isClosed = false;
  let running: Promise<void> | undefined;
  const later = (): (() => void) =>
    clock.after(everyMs, () => {
      running = probe().finally(() => {
        if (!isClosed) cancel = later();
      });
    });
  let cancel = later();
  return {
    async close() {
      isClosed = true;
      cancel();
      await running;
    },
  };
}
