import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeFlux } from '../test/fakes/cluster/fake-flux.ts';
import { type Bench, runIfMain } from './claim.ts';
import { median, withScratch } from './measure.ts';
import { withQueued } from './queued-study.ts';

const JOBS = 1000;
const ROUNDS = 3;
const LIMIT_SECONDS = 15;

/** Processor time of a command of Flux's that is written in Python, and what `flux job submit` waits. */
const PYTHON_MS = 200;
const ROUND_TRIP_MS = 42;

/** Many jobs through commands as slow as those of a real Flux. */
export const schedulersFlux: Bench = {
  work: `${JOBS} jobs to Flux, on a fake with a real one's call costs`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const state = join(directory, 'flux');
      mkdirSync(state);
      const flux = await startFakeFlux({ directory: state, roundTripMs: ROUND_TRIP_MS });
      const environment = { ...flux.server.environment(env), FAKE_CALL_COST_MS: String(PYTHON_MS) };
      const batch = { type: 'flux', host: 'here', bank: 'bank', queue: 'batch', uri: flux.uri };
      const study = { steps: JOBS, batch, run: { priority: 'held' }, sleep: 60 };
      try {
        const seconds: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          seconds.push(await withQueued({ directory, env: environment }, study, (queued) => queued.seconds));
        }
        const queued = [...flux.cluster.jobs.values()].filter(({ phase }) => phase === 'held').length;
        if (queued !== JOBS * ROUNDS) throw new Error(`${queued} jobs are in the queue`);
        const detail = `median of ${ROUNDS}, longest ${Math.max(...seconds).toFixed(2)} s`;
        return [
          { what: 'submitted', limit: LIMIT_SECONDS, measured: median(seconds), unit: 'seconds', detail },
        ];
      } finally {
        await flux.server.takeDown();
        await flux.cluster.stop();
      }
    }),
};

await runIfMain(import.meta.url, schedulersFlux);
