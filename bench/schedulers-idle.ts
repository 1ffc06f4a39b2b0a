import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, runIfMain } from './claim.ts';
import { processorSeconds } from './conductor-process.ts';
import { withScratch } from './measure.ts';
import { withQueued } from './queued-study.ts';

const JOBS = 5000;
const SLEEP_SECONDS = 10;
const WATCH_SECONDS = 60;
const LIMIT_PERCENT = 1;

/** The first submission's id. */
const BASE = 4711;

/**
 * Commands of a Slurm that takes everything and starts nothing. Its queue has each element of an array on a
 * line of its own, as Slurm's has once they differ in anything.
 */
function writeCommands(bin: string): { polls: () => number } {
  mkdirSync(bin);
  const calls = join(bin, 'calls');
  const queue = join(bin, 'queue');
  const rows = Array.from({ length: JOBS }, (_, index) => `${BASE}_${index}|PENDING|0|N/A|N/A|Priority|\n`);
  writeFileSync(queue, rows.join(''));
  writeFileSync(calls, '');
  const command = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  command('sbatch', `echo ${BASE}`);
  command('squeue', `echo squeue >> '${calls}'\nexec cat '${queue}'`);
  command('scontrol', `echo 'MaxArraySize            = ${JOBS}'`);
  // Not that of this machine, if it has one.
  for (const name of ['sacct', 'sacctmgr', 'scancel', 'sinfo']) command(name, 'exit 1');
  return { polls: () => readFileSync(calls, 'utf8').split('\n').length - 1 };
}

/** What a conductor costs a login node while its jobs wait in the queue. Its children's time is the commands'. */
export const schedulersIdle: Bench = {
  work: `a conductor that polls ${JOBS} queued jobs every ${SLEEP_SECONDS} s`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const bin = join(directory, 'bin');
      const { polls } = writeCommands(bin);
      const scratch = { directory, env: { ...env, PATH: [bin, env.PATH ?? ''].join(delimiter) } };
      const batch = { type: 'slurm', host: 'here', bank: 'bank', queue: 'debug' };
      const study = { steps: JOBS, batch, sleep: SLEEP_SECONDS };
      return withQueued(scratch, study, async ({ conductor }) => {
        // What the start has left to do, such as exports and the first poll, is not waiting.
        await pause(1.5 * SLEEP_SECONDS * 1000);
        const before = { used: processorSeconds(conductor), polls: polls() };
        await pause(WATCH_SECONDS * 1000);
        const used = processorSeconds(conductor) - before.used;
        const made = polls() - before.polls;
        if (made < WATCH_SECONDS / SLEEP_SECONDS - 1) throw new Error(`there were ${made} polls only`);
        const milliseconds = Math.round(used * 1000);
        return [
          {
            what: 'processor',
            limit: LIMIT_PERCENT,
            measured: (used / WATCH_SECONDS) * 100,
            unit: 'percent of a core',
            detail: `${milliseconds} ms and ${made} polls in ${WATCH_SECONDS} s`,
          },
        ];
      });
    }),
};

await runIfMain(import.meta.url, schedulersIdle);
