import progressBars from 'cli-progress';
import type { TransferOptions, TransferProgress } from '../orchestra/client/datasets/transfer.ts';
import { sizeText } from '../orchestra/size-text.ts';
import { printAside } from './output.ts';
import { clockText, spanText } from './render/duration.ts';

// It is CommonJS, which has no named exports.
const { Format, Presets, SingleBar } = progressBars;

/** Shows how a transfer goes on. */
export interface ShownTransfer extends Required<Pick<TransferOptions, 'onProgress' | 'onTrouble'>> {
  /** Takes the bar away. */
  end(): void;
}

/** The rate is of the last while: long enough not to jump, short enough to show a line that has become slow. */
const RATE_WINDOW_MS = 5_000;

/**
 * Shows a transfer on the standard error, where that is a terminal: how much of it is through, how fast, how long it
 * will take. Elsewhere only troubles are told.
 */
export function showTransfer(title: string): ShownTransfer {
  const isTerminal = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  return isTerminal ? barOf(title) : { onProgress: () => {}, onTrouble: tellTrouble, end: () => {} };
}

function tellTrouble(why: string, waitMs: number): void {
  printAside(`${why}; trying again in ${spanText(waitMs)}`);
}

function barOf(title: string): ShownTransfer {
  const rate = createRate();
  let progress: TransferProgress = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      format: (options, params) =>
        `${title} ${Format.BarFormat(params.progress, options)} ${progressText(progress, rate.bytesASecond())}`,
    },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  return {
    onProgress(now) {
      progress = now;
      rate.add(now.bytes);
      bar.setTotal(Math.max(1, now.totalBytes));
      bar.update(Math.min(now.bytes, now.totalBytes));
    },
    onTrouble(why, waitMs) {
      bar.stop();
      tellTrouble(why, waitMs);
      bar.start(Math.max(1, progress.totalBytes), progress.bytes);
    },
    end: () => bar.stop(),
  };
}

/** `1.2 GiB of 2.0 GiB, 310.0 MiB/s, 3s left, 12 of 40 files`. */
export function progressText(
  { files, totalFiles, bytes, totalBytes }: TransferProgress,
  bytesASecond: number,
): string {
  const left = bytesASecond > 0 ? `, ${clockText(((totalBytes - bytes) / bytesASecond) * 1_000)} left` : '';
  const isOfMany = totalFiles > 1 ? `, ${files} of ${totalFiles} files` : '';
  return `${sizeText(bytes)} of ${sizeText(totalBytes)}, ${sizeText(Math.round(bytesASecond))}/s${left}${isOfMany}`;
}

function createRate(): { add(bytes: number): void; bytesASecond(): number } {
  let points: { at: number; bytes: number }[] = [];
  return {
    add(bytes) {
      const at = performance.now();
      const recent = points.filter((point) => at - point.at <= RATE_WINDOW_MS);
      const last = recent.at(-1);
      // Ten points a second say enough.
      if (last === undefined || at - last.at > 100) recent.push({ at, bytes });
      points = recent;
    },
    bytesASecond() {
      const [first] = points;
      const last = points.at(-1);
      if (first === undefined || last === undefined || last.at === first.at) return 0;
      return Math.max(0, ((last.bytes - first.bytes) / (last.at - first.at)) * 1_000);
    },
  };
}
