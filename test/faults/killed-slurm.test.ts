import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { PrivateSlurm, whyNoSlurm } from '../conductor/schedulers/slurm/private-slurm.ts';
import { makePlace, type Place } from '../e2e/harness.ts';
import { assertExactlyOnce, killAgainAndAgain, tracedCommand } from './exactly-once.ts';
import { makePermits, type Permits } from './permits.ts';
import { randomFrom } from './random.ts';

const KILLS = 100;
const SEED = 20261122;
const SIZE = 40;
const OPTIONS = { accounting: false };

/** Layers of steps, plain and funnelled: arrays for the scheduler, and some that run beside the conductor. */
function specification(place: Place, permits: Permits): string {
  const layer = (name: string, rest: Readonly<Record<string, unknown>>) => ({
    name,
    cmd: tracedCommand(`${name}_I.$(I)`, permits),
    ...rest,
  });
  return place.specification(
    [
      layer('seed', { procs: 1, nodes: 1 }),
      layer('grow', { procs: 1, nodes: 1, depends: ['seed'] }),
      layer('here', { depends: ['grow'] }),
      layer('gather', { procs: 1, nodes: 1, depends: ['here_*'] }),
      layer('bake', { procs: 1, nodes: 1, depends: ['gather'] }),
    ],
    {
      batch: { type: 'slurm', host: 'here', bank: 'root', queue: 'debug', cores: 4 },
      'global.parameters': {
        I: { values: Array.from({ length: SIZE }, (_, index) => index), label: 'I.%%' },
      },
    },
  );
}

const missing = whyNoSlurm(OPTIONS);
describe('a conductor of Slurm jobs that is killed again and again', { skip: missing ?? false }, () => {
  let slurm: PrivateSlurm;
  before(async () => {
    slurm = await PrivateSlurm.start(OPTIONS);
  });
  after(() => slurm.close());

  it(`runs each of ${5 * SIZE} steps once through ${KILLS} kills (seed ${SEED})`, async (t) => {
    const place = makePlace(t);
    const env = Object.fromEntries(
      Object.entries(slurm.environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const permits = makePermits(t, place);
    const study = await place.launch(specification(place, permits), ['-s', '1'], { env });
    const jobs = study.path('.maestro', 'jobs');
    const marks = (): string[] =>
      (existsSync(jobs) ? readdirSync(jobs) : []).filter((name) => !name.endsWith('.sh'));
    // A moment is between any two of: a claim made, a step begun, a step ended, an exit recorded.
    const progress = (): number => marks().length + study.lines('trace').length + study.lines('ended').length;
    await killAgainAndAgain(place, study, {
      count: KILLS,
      random: randomFrom(SEED),
      env,
      permits,
      progress,
      atMost: 6,
    });
    await place.maestro(['conductor', study.directory], { env });
    assertExactlyOnce(study);
  });
});
