import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readLease } from '../src/shared/state/lease.ts';
import { readEvents, readNewestEvent, readSummary } from '../src/shared/state/queries.ts';
import { openStore, type Store } from '../src/shared/state/store.ts';
import { type Bench, runIfMain } from './claim.ts';
import { gone, processorSeconds } from './conductor-process.ts';
import { inSeconds, MAESTRO, median, type Scratch, use, withScratch } from './measure.ts';

const STEPS = 100_000;
const ENDED = 10_000;
const IN_FLIGHT = 1_000;
const ROUNDS = 5;
const LIMIT_SECONDS = 2;

/** How long the study may take to get so far, on a machine much slower than the limit is for. Seconds. */
const PATIENCE = 300;

/**
 * Steps that end at once, and steps that run until a line comes out of a named pipe: a round of the measurement lets
 * one of them end while nobody conducts, so that there is something to decide.
 */
function specification(pipe: string): string {
  const values = Array.from({ length: STEPS }, (_, index) => index).join(', ');
  return `description:
  name: recovery
  description: many steps, of which many run
batch:
  type: local
  cores: ${IN_FLIGHT}
  shell: /bin/sh
study:
  - name: step
    description: one of many
    run:
      cmd: 'test $(N) -lt ${ENDED} || read line <>${pipe}'
global.parameters:
  N:
    values: [${values}]
    label: N.%%
`;
}

/** Seconds until a condition holds, to a hundredth. */
async function until(what: string, condition: () => boolean): Promise<number> {
  const start = performance.now();
  for (;;) {
    const seconds = (performance.now() - start) / 1000;
    if (condition()) return seconds;
    if (seconds > PATIENCE) throw new Error(`after ${PATIENCE} seconds not yet: ${what}`);
    await pause(10);
  }
}

const areInFlight = (store: Store): boolean => readSummary(store).counts.get('RUNNING') === IN_FLIGHT;

/** Kills who conducts the study, lets a step end, and answers how long the next conductor takes to tell. */
async function recover(study: string, store: Store, conduct: () => ChildProcess, endOne: () => void) {
  await until(`${IN_FLIGHT} steps run`, () => areInFlight(store));
  const killed = readLease(store)!.process.pid;
  process.kill(killed, 'SIGKILL');
  const newest = readNewestEvent(store);
  endOne();
  const conductor = conduct();
  // The event's own time is that of the step's end.
  const seconds = await until('a decision', () => readNewestEvent(store) > newest);
  const processor = processorSeconds(conductor.pid!);
  const [first] = readEvents(store, newest);
  if (first?.to !== 'FINISHED') throw new Error(`the first decision is: ${first?.why}`);
  if (conductor.exitCode !== null) throw new Error(`the conductor of ${study} has left`);
  return { seconds, processor };
}

async function measureRounds({ directory, env }: Scratch, pipe: string, endOne: () => void) {
  const spec = join(directory, 'recovery.yaml');
  const study = join(directory, 'study');
  writeFileSync(spec, specification(pipe));
  use([process.execPath, MAESTRO, 'run', '-y', '-o', study, spec], { env });
  const store = openStore(study);
  const conduct = () => spawn(process.execPath, [MAESTRO, 'conductor', study], { env, stdio: 'ignore' });
  const rounds: { readonly seconds: number; readonly processor: number }[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) rounds.push(await recover(study, store, conduct, endOne));
  } finally {
    use([process.execPath, MAESTRO, 'cancel', '-y', study], { env });
    await gone(study);
    store.close();
  }
  return rounds;
}

/** From the start of the process that takes a large study over from a killed conductor to its first decision. */
export const recovery: Bench = {
  work: `recovery of ${STEPS} steps with ${IN_FLIGHT} in flight`,
  measure: () =>
    withScratch(async (scratch) => {
      const pipe = join(scratch.directory, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const descriptor = openSync(pipe, constants.O_RDWR);
      const rounds = await measureRounds(scratch, pipe, () => writeSync(descriptor, '\n'));
      closeSync(descriptor);
      const seconds = median(rounds.map((round) => round.seconds));
      const processor = median(rounds.map((round) => round.processor));
      const detail = `median of ${ROUNDS}; ${inSeconds(processor)} of processor time`;
      const what = 'to the first decision';
      return [{ what, limit: LIMIT_SECONDS, measured: seconds, unit: 'seconds', detail }];
    }),
};

await runIfMain(import.meta.url, recovery);
