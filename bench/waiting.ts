import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readLease } from '../src/shared/state/lease.ts';
import { readSummary } from '../src/shared/state/queries.ts';
import { openStore } from '../src/shared/state/store.ts';
import { type Bench, runIfMain } from './claim.ts';
import { gone, processorSeconds } from './conductor-process.ts';
import { MAESTRO, use, withScratch } from './measure.ts';

const WAITING = 10_000;
const WATCH_SECONDS = 20;
const CPU_LIMIT_PERCENT = 0.5;
const MEMORY_LIMIT = 120 * 1024 * 1024;

/** One step that takes long, and many that wait for it. */
function specification(): string {
  const values = Array.from({ length: WAITING }, (_, index) => index).join(', ');
  return `description:
  name: waiting
  description: one works, all others wait
study:
  - name: long
    description: outlives the measurement
    run:
      cmd: sleep 600
  - name: after
    description: waits
    run:
      cmd: 'echo $(N)'
      depends: [long]
global.parameters:
  N:
    values: [${values}]
    label: N.%%
`;
}

/** The conductor's process, once the long step runs and nothing is left to be done but wait. */
async function conductorOf(study: string): Promise<number> {
  const store = openStore(study);
  try {
    for (let second = 0; second < 30; second++) {
      const pid = readLease(store)?.process.pid;
      if (pid !== undefined && readSummary(store).counts.get('RUNNING') === 1) return pid;
      await pause(1000);
    }
    throw new Error('the long step has not started within 30 seconds');
  } finally {
    store.close();
  }
}

/** Resident set of a process, and its peak so far, in bytes. */
function residentSet(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** What a conductor costs a login node while it waits. */
export const waiting: Bench = {
  work: `a conductor with ${WAITING} steps waiting`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const spec = join(directory, 'waiting.yaml');
      const study = join(directory, 'study');
      writeFileSync(spec, specification());
      use([process.execPath, MAESTRO, 'run', '-y', '-o', study, spec], { env });
      try {
        const pid = await conductorOf(study);
        // What the start has left to do, such as exports, is not waiting.
        await pause(5000);
        const before = processorSeconds(pid);
        await pause(WATCH_SECONDS * 1000);
        const used = processorSeconds(pid) - before;
        const memory = residentSet(pid);
        return [
          {
            what: 'processor',
            limit: CPU_LIMIT_PERCENT,
            measured: (used / WATCH_SECONDS) * 100,
            unit: 'percent of a core',
            detail: `${Math.round(used * 1000)} ms in ${WATCH_SECONDS} s`,
          },
          {
            what: 'memory',
            limit: MEMORY_LIMIT,
            measured: memory.now,
            unit: 'bytes',
            detail: `peak ${Math.round(memory.peak / 1024 / 1024)} MiB`,
          },
        ];
      } finally {
        use([process.execPath, MAESTRO, 'cancel', '-y', study], { env });
        await gone(study);
      }
    }),
};

await runIfMain(import.meta.url, waiting);
