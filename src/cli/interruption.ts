import { constants } from 'node:os';

/** The user has had enough: Ctrl-C, or a terminal that is closed. Nothing is said of it; they know. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As shells have it: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Makes something of which nothing is to be left when the user interrupts it: the first signal aborts, and whoever
 * makes it clears up. A second one ends the process as it always would. Throws Interrupted.
 */
export async function interruptible<Made>(make: (signal: AbortSignal) => Promise<Made>): Promise<Made> {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals): void => {
    stopListening();
    controller.abort(new Interrupted(name as 'SIGINT'));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stopListening = (): void => {
    for (const name of names) process.off(name, abort);
  };
  for (const name of names) process.on(name, abort);
  try {
    return await make(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
}
