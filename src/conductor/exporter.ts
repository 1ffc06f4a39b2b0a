import { EXPORT_INTERVAL_MS, EXPORT_SHARE } from './bounds.ts';

/** Decides when a file that follows the store is written: soon after a change, but never at a noticeable cost. */
export interface Exporter {
  /** Something has changed that the file should show. */
  touch(): void;
  /**
   * Writes if there is something to show and it is time, by the clock that nobody sets; answers when to ask again, in
   * milliseconds.
   */
  tick(elapsed: number): number | undefined;
  /** Writes the file for good, and throws where that fails. */
  finish(): void;
}

/** Two exporters as one. */
export function bothExporters(first: Exporter, second: Exporter): Exporter {
  return {
    touch() {
      first.touch();
      second.touch();
    },
    tick(now) {
      const due = [first.tick(now), second.tick(now)].filter((ms) => ms !== undefined);
      return due.length === 0 ? undefined : Math.min(...due);
    },
    finish() {
      first.finish();
      second.finish();
    },
  };
}

/**
 * Makes an exporter around `write`, which answers nothing and may throw: a failed export is tried again. The one
 * that nothing follows is to survive a power failure.
 */
export function createExporter(
  write: (options: { readonly isLast: boolean }) => void,
  elapsed: () => number,
  onError: (error: Error) => void,
): Exporter {
  let dirty = true;
  let due = 0;
  const run = (now: number): void => {
    const before = elapsed();
    try {
      write({ isLast: false });
      dirty = false;
    } catch (error) {
      onError(error as Error);
    }
    due = now + Math.max(EXPORT_INTERVAL_MS, (elapsed() - before) * EXPORT_SHARE);
  };
  return {
    touch() {
      dirty = true;
    },
    tick(now) {
      if (!dirty) return undefined;
      if (now >= due) run(now);
      return dirty ? Math.max(0, due - now) : undefined;
    },
    finish() {
      write({ isLast: true });
      dirty = false;
    },
  };
}
