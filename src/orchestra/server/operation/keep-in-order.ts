import type { Cluster } from '../cluster.ts';
import type { ServerLog } from './server-log.ts';

/** How often the server looks after itself, in milliseconds. */
const EVERY_MS = 60_000;

/** Keeps the log small, in intervals, until what it answers is called. */
export function keepInOrder({ clock }: Cluster, serverLog: ServerLog): () => void {
  const look = (): void => {
    serverLog.keepSmall();
    stop = clock.after(EVERY_MS, look);
  };
  let stop = clock.after(EVERY_MS, look);
  return () => stop();
}
