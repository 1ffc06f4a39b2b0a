import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readLease } from '../src/shared/state/lease.ts';
import { openStore } from '../src/shared/state/store.ts';

/** Linux counts processor time in hundredths of a second (USER_HZ), on every machine that it runs on. */
const TICKS_PER_SECOND = 100;

/** A conductor that was asked to leave has this long. Seconds. */
const LEAVE_SECONDS = 30;

/** Processor seconds that a process has used so far, without its children: fields 14 and 15 of its stat. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Waits until nobody conducts the study any more, so that its directory can be removed. */
export async function gone(study: string): Promise<void> {
  const store = openStore(study);
  try {
    for (let second = 0; second < LEAVE_SECONDS; second++) {
      if (readLease(store)?.releasedAt !== undefined) return;
      await pause(1000);
    }
    throw new Error(`the conductor of ${study} has not left within ${LEAVE_SECONDS} seconds`);
  } finally {
    store.close();
  }
}
