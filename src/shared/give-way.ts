import { constants, getPriority, setPriority } from 'node:os';

/** As `nice` without an argument: a tenth of the processor where somebody else wants it, all of it where nobody does. */
const GIVES_WAY = 10;

/**
 * Has a process, and all that it will start, give way to others of this machine. Without a number it is the thread that
 * asks, on Linux, where each thread has a priority of its own; elsewhere that does nothing. A process that is gone by
 * now, or gives way already, stays as it is.
 */
export function giveWay(pid?: number): void {
  if (pid === undefined && process.platform !== 'linux') return;
  try {
    if (getPriority(pid) < GIVES_WAY) setPriority(pid ?? 0, GIVES_WAY);
  } catch (error) {
    const { info } = error as { readonly info?: { readonly errno?: number } };
    if (Math.abs(info?.errno ?? 0) !== constants.errno.ESRCH) throw error;
  }
}
