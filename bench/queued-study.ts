import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { readLease } from '../src/shared/state/lease.ts';
import { readEvents } from '../src/shared/state/queries.ts';
import { openStore, type Store } from '../src/shared/state/store.ts';
import { gone } from './conductor-process.ts';
import { MAESTRO, type Scratch, settle } from './measure.ts';

/** A study of steps that wait in a scheduler's queue: none runs, so none competes with what is measured. */
export interface QueuedStudy {
  readonly steps: number;
  /** The batch block. Jobs must not start: it, or `run`, has them held. */
  readonly batch: Readonly<Record<string, unknown>>;
  /** What a step asks for. */
  readonly run?: Readonly<Record<string, unknown>>;
  /** Seconds between two polls. */
  readonly sleep: number;
}

/** Such a study with all of its steps in the queue, and the conductor that has brought them there. */
export interface Queued {
  /** The study directory. */
  readonly directory: string;
  readonly conductor: number;
  /** From the first turn, which finds all steps ready, to the scheduler's answer for the last of them. */
  readonly seconds: number;
}

/** How long all steps may take to get into the queue, on a machine much slower than the limits are for. */
const PATIENCE_SECONDS = 180;

/**
 * Starts a conductor for such a study and calls `work` once the scheduler has taken all of its steps. The
 * conductor is gone when this returns; what waits in the queue is left there.
 */
export async function withQueued<T>(
  { directory, env }: Scratch,
  study: QueuedStudy,
  work: (queued: Queued) => T | Promise<T>,
): Promise<T> {
  const place = mkdtempSync(join(directory, 'queued-'));
  const spec = join(place, 'queued.yaml');
  const out = join(place, 'study');
  writeFileSync(spec, specification(study));
  settle();
  // Not synchronously: a fake scheduler may be answering from this process.
  await execa(process.execPath, [MAESTRO, 'run', '-y', '-s', String(study.sleep), '-o', out, spec], {
    env,
    extendEnv: false,
    stdin: 'ignore',
  });
  try {
    return await work(await allAccepted(out, study.steps));
  } finally {
    await leave(out);
  }
}

function specification({ steps, batch, run = {} }: QueuedStudy): string {
  const values = Array.from({ length: steps }, (_, index) => index);
  return stringify({
    description: { name: 'queued', description: `${steps} steps that wait in a queue` },
    batch,
    study: [{ name: 'step', description: 'one of many', run: { cmd: ': $(N)', nodes: 1, procs: 1, ...run } }],
    'global.parameters': { N: { values, label: 'N.%%' } },
  });
}

async function allAccepted(directory: string, steps: number): Promise<Queued> {
  const store = openStore(directory);
  try {
    const accepted = store.prepare('SELECT count(*) FROM attempt WHERE job IS NOT NULL').pluck();
    for (let waited = 0; accepted.get() !== steps; waited += 0.5) {
      if (waited > PATIENCE_SECONDS) {
        const count = `${accepted.get()} of ${steps} steps`;
        throw new Error(`after ${PATIENCE_SECONDS} seconds the scheduler has taken ${count}`);
      }
      await pause(500);
    }
    const conductor = readLease(store)?.process.pid;
    if (conductor === undefined) throw new Error('nobody conducts the study');
    return { directory, conductor, seconds: secondsToQueue(store) };
  } finally {
    store.close();
  }
}

function secondsToQueue(store: Store): number {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { to, at } of readEvents(store, 0)) {
    if (to === 'PENDING') first = Math.min(first, at);
    if (to === 'QUEUED') last = Math.max(last, at);
  }
  return (last - first) / 1000;
}

/** Asks the conductor to leave, which leaves the jobs where they are, and waits until it has. */
async function leave(directory: string): Promise<void> {
  const store = openStore(directory);
  const lease = readLease(store);
  store.close();
  if (lease === undefined || lease.releasedAt !== undefined) return;
  process.kill(lease.process.pid, 'SIGTERM');
  await gone(directory);
}
