import { type Bench, runIfMain } from './claim.ts';
import { median } from './measure.ts';
import { withQueued } from './queued-study.ts';
import { emptyQueue, HELD, withSlurm } from './slurm.ts';

const STEPS = 500;
const ROUNDS = 5;
const LIMIT_SECONDS = 2;

/** Ready steps that ask for the same, until a real Slurm has them all: workspaces, scripts, journal, sbatch. */
export const schedulersArrays: Bench = {
  work: `${STEPS} ready steps to Slurm, arrays on`,
  measure: () =>
    withSlurm(async (slurm, scratch) => {
      const seconds: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const study = { steps: STEPS, batch: HELD, sleep: 60 };
        seconds.push(await withQueued(scratch, study, (queued) => queued.seconds));
        await emptyQueue(slurm);
      }
      const detail = `median of ${ROUNDS}, longest ${Math.max(...seconds).toFixed(2)} s`;
      return [
        {
          what: 'all in the queue',
          limit: LIMIT_SECONDS,
          measured: median(seconds),
          unit: 'seconds',
          detail,
        },
      ];
    }),
};

await runIfMain(import.meta.url, schedulersArrays);
