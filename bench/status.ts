import { join } from 'node:path';
import { type Bench, runIfMain } from './claim.ts';
import { MAESTRO, median, use, withScratch } from './measure.ts';
import { type Sweep, writeSweep } from './sweep.ts';

const SWEEP: Sweep = { name: 'rows', cmd: 'echo', count: 20_000 };
const ROUNDS = 5;
const LIMIT_SECONDS = 1;

/** The flat table of a large study, into a pipe: what a script or a pager waits for. */
export const status: Bench = {
  work: `\`status\` flat of ${SWEEP.count} rows, piped`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const study = join(directory, 'study');
      const spec = writeSweep(directory, SWEEP);
      use([process.execPath, MAESTRO, 'run', '--dry', '-y', '-o', study, spec], { env });
      const seconds: number[] = [];
      let rows = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const shown = use([process.execPath, MAESTRO, 'status', study, '--layout', 'flat'], { env });
        seconds.push(shown.seconds);
        rows = shown.stdout.match(/step_N\.\d/g)?.length ?? 0;
      }
      if (rows < SWEEP.count) throw new Error(`status has shown ${rows} rows of ${SWEEP.count}`);
      const detail = `median of ${ROUNDS}`;
      return [{ what: 'time', limit: LIMIT_SECONDS, measured: median(seconds), unit: 'seconds', detail }];
    }),
};

await runIfMain(import.meta.url, status);
