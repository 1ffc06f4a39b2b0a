import { type Bench, runIfMain } from './claim.ts';
import { MAESTRO, median, use, withScratch } from './measure.ts';

const ROUNDS = 15;
const LIMIT = 3;

/** `maestro --version` against Node doing nothing: what every command costs before it does anything. */
export const startUp: Bench = {
  work: '`maestro --version`',
  measure: () =>
    withScratch(async ({ env }) => {
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(use([process.execPath, MAESTRO, '--version'], { env }).seconds);
        bare.push(use([process.execPath, '-e', '0'], { env }).seconds);
      }
      const milliseconds = (values: readonly number[]) => `${Math.round(median(values) * 1000)} ms`;
      return [
        {
          what: 'against `node -e 0`',
          limit: LIMIT,
          measured: median(ours) / median(bare),
          unit: 'times',
          detail: `${milliseconds(ours)} against ${milliseconds(bare)}`,
        },
      ];
    }),
};

await runIfMain(import.meta.url, startUp);
