/** Tells how far a long copy is, on one line of the terminal. */
export interface ByteCounter {
  show(bytes: number): void;
  /** Takes the line away. */
  clear(): void;
}

/** A line is drawn again after so many bytes. */
const STEP_BYTES = 16 * 1024 * 1024;

/** A counter on the standard error, which shows nothing where that is no terminal. */
export function createByteCounter(what: string): ByteCounter {
  let shown = 0;
  const isLive = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  return {
    show(bytes) {
      if (!isLive || bytes - shown < STEP_BYTES) return;
      shown = bytes;
      process.stderr.write(`\r${Math.floor(bytes / 1024 / 1024)} MiB ${what}\x1b[K`);
    },
    clear() {
      if (shown > 0) process.stderr.write('\r\x1b[K');
    },
  };
}
