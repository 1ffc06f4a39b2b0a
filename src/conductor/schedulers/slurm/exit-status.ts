import type { Exit } from '../../../shared/state/transition.ts';

/**
 * Signals above this are Slurm's own codes in the signal's place: 53 where the output file could not be opened,
 * 125 where memory ran out.
 */
const LAST_SIGNAL = 31;

/** Reads `CODE:SIGNAL`, sacct's form; undefined where that says nothing. */
export function exitOfText(text: string): Exit | undefined {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match === null ? undefined : exitOf(Number(match[1]), Number(match[2]));
}

/** Reads a raw wait status, squeue's form. */
export function exitOfWaitStatus(text: string): Exit | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const status = Number(text);
  return exitOf((status >> 8) & 0xff, status & 0x7f);
}

function exitOf(code: number, signal: number): Exit | undefined {
  if (signal === 0) return { code };
  return signal <= LAST_SIGNAL ? { signal } : undefined;
}
