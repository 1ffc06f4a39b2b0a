/** How a signal is told to the user. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Calls back at SIGTERM, SIGINT and SIGHUP, the ways in which a conductor is asked to leave. The function that
 * it returns takes that back.
 */
export function onStopSignals(callback: (why: string) => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => callback(`stopped by ${signal}`);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
