import type { Clock } from '../../../shared/clock.ts';

/** How far a transfer has come. */
export interface TransferProgress {
  readonly files: number;
  readonly totalFiles: number;
  /** Bytes that are through, or need not be sent. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** How a transfer is watched and stopped. */
export interface TransferOptions {
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Told why it waits before it tries again, and for how many milliseconds. */
  readonly onTrouble?: (why: string, waitMs: number) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Files of one transfer that are under way at once: more would only share the same line. */
export const FILES_AT_ONCE = 4;

/** Adds up what the files of a transfer report. */
export interface Tally {
  /** Bytes of one file that have gone through so far; fewer than before where some were lost on the way. */
  report(file: string, bytes: number): void;
  /** A file that is done, with all its bytes. */
  finish(file: string, size: number): void;
}

/** Makes one that tells `onProgress` of every change. */
export function createTally(
  total: { readonly files: number; readonly bytes: number },
  onProgress: TransferOptions['onProgress'],
): Tally {
  const underWay = new Map<string, number>();
  let files = 0;
  let bytes = 0;
  const tell = (): void => onProgress?.({ files, totalFiles: total.files, bytes, totalBytes: total.bytes });
  const report = (file: string, now: number): void => {
    bytes += now - (underWay.get(file) ?? 0);
    underWay.set(file, now);
  };
  tell();
  return {
    report(file, now) {
      report(file, now);
      tell();
    },
    finish(file, size) {
      report(file, size);
      underWay.delete(file);
      files++;
      tell();
    },
  };
}
