import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, runIfMain } from './claim.ts';
import { inSeconds, MAESTRO, median, settle, use, withScratch } from './measure.ts';
import { type Sweep, scriptOf, writeSweep } from './sweep.ts';

const SWEEP: Sweep = { name: 'dry', cmd: 'echo', count: 20_000 };
const ROUNDS = 3;
const TIMES_LIMIT = 3;
const MEMORY_LIMIT = 250 * 1024 * 1024;

/** A dry run, which writes every script of a study, against writing them with nothing around it. */
export const dryRun: Bench = {
  work: `\`--dry\` of ${SWEEP.count} combinations`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const spec = writeSweep(directory, SWEEP);
      const list = join(directory, 'scripts.json');
      const scripts = Array.from({ length: SWEEP.count }, (_, index) => scriptOf(SWEEP, index));
      writeFileSync(
        list,
        JSON.stringify(scripts.map((script) => [script.directory, script.file, script.text])),
      );
      const creation = fileURLToPath(new URL('bare-creation.js', import.meta.url));

      const ours: number[] = [];
      const bare: number[] = [];
      const peaks: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        settle();
        const dry = use(
          [process.execPath, MAESTRO, 'run', '--dry', '-y', '-o', join(directory, `study-${round}`), spec],
          { env },
        );
        settle();
        const creating = use([process.execPath, creation, join(directory, `bare-${round}`), list]);
        ours.push(dry.seconds);
        peaks.push(dry.peakBytes);
        bare.push(creating.seconds);
      }
      return [
        {
          what: 'against bare creation',
          limit: TIMES_LIMIT,
          measured: median(ours) / median(bare),
          unit: 'times',
          detail: `${inSeconds(median(ours))} against ${inSeconds(median(bare))}`,
        },
        {
          what: 'memory',
          limit: MEMORY_LIMIT,
          measured: Math.max(...peaks),
          unit: 'bytes',
          detail: 'peak resident set',
        },
      ];
    }),
};

await runIfMain(import.meta.url, dryRun);
