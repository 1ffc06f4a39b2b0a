import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { startFakeFlux } from '../fakes/cluster/fake-flux.ts';
import { startFakeLsf } from '../fakes/cluster/fake-lsf.ts';
import { startFakePbs } from '../fakes/cluster/fake-pbs.ts';
import type { FakeOptions, FakeScheduler } from '../fakes/cluster/fake-scheduler.ts';
import { makePlace, type Place } from './harness.ts';

/** A scheduler to run studies on, and the batch block that names it. */
interface Kind {
  start(options: FakeOptions): Promise<FakeScheduler<unknown> & { readonly uri?: string }>;
  batch(uri: string | undefined): Readonly<Record<string, string>>;
  /** How a parallel program is started. */
  readonly launcher: RegExp;
}

const KINDS: Readonly<Record<string, Kind>> = {
  flux: {
    start: startFakeFlux,
    batch: (uri) => ({ type: 'flux', queue: 'q', flux_uri: uri! }),
    launcher: /^flux run -n 3 -N 1 -c 1 /m,
  },
  lsf: {
    start: startFakeLsf,
    batch: () => ({ type: 'lsf', host: 'h', bank: 'b', queue: 'q' }),
    launcher: /^jsrun --nrs 3 -b rs /m,
  },
  pbs: {
    start: startFakePbs,
    batch: () => ({ type: 'pbs', queue: 'q' }),
    launcher: /^mpiexec -n 3 /m,
  },
};

async function cluster(
  t: TestContext,
  kind: Kind,
): Promise<{ place: Place; env: Record<string, string>; uri?: string }> {
  const place = makePlace(t);
  const directory = place.path('scheduler');
  mkdirSync(directory);
  const fake = await kind.start({ directory });
  t.after(async () => {
    await fake.server.takeDown();
    await fake.cluster.stop();
  });
  const { PATH = '', FAKE_SCHEDULER_DIR = '' } = fake.server.environment(process.env);
  return { place, env: { PATH, FAKE_SCHEDULER_DIR }, ...(fake.uri === undefined ? {} : { uri: fake.uri }) };
}

/** What a step has printed, from the one file that its scheduler has written it to. */
function outputOf(workspace: string, ending: 'out' | 'err'): string {
  const files = readdirSync(workspace).filter((file) => file.endsWith(`.${ending}`));
  assert.equal(files.length, 1, `${workspace}: ${files.join(', ')}`);
  return readFileSync(join(workspace, files[0]!), 'utf8');
}

for (const [name, kind] of Object.entries(KINDS)) {
  describe(`a study on ${name}`, () => {
    test('runs, in its workspaces, with its launchers, and what needs no scheduler beside it', async (t) => {
      const { place, env, uri } = await cluster(t, kind);
      const specification = place.specification(
        [
          {
            name: 'run',
            cmd: 'pwd\n$(LAUNCHER) echo size $(SIZE)\necho oops >&2',
            procs: 3,
            walltime: '0:10:00',
          },
          { name: 'gather', cmd: 'cat "$(run.workspace)"/*/*.out > all', depends: ['run_*'] },
        ],
        {
          batch: kind.batch(uri),
          'global.parameters': { SIZE: { values: [10, 20], label: 'SIZE.%%' } },
        },
      );
      const outcome = await place.maestro(['run', '-y', '-fg', '-s', '1', '-o', 'out', specification], {
        env,
      });
      assert.equal(outcome.code, 0, outcome.stderr);
      const workspace = place.path('out', 'run', 'SIZE.20');
      const script = readFileSync(join(workspace, `run_SIZE.20.${name}.sh`), 'utf8');
      assert.match(script, kind.launcher);
      assert.equal(outputOf(workspace, 'out'), `${workspace}\n${'size 20\n'.repeat(3)}`);
      assert.equal(outputOf(workspace, 'err'), 'oops\n');
      assert.equal(readFileSync(place.path('out', 'gather', 'all'), 'utf8').match(/size/g)?.length, 6);
    });

    test('tells a step that fails, and those that wait for it', async (t) => {
      const { place, env, uri } = await cluster(t, kind);
      const specification = place.specification(
        [
          { name: 'bad', cmd: 'exit 3', procs: 1 },
          { name: 'after', cmd: 'true', procs: 1, depends: ['bad'] },
        ],
        { batch: kind.batch(uri) },
      );
      const outcome = await place.maestro(['run', '-y', '-fg', '-s', '1', '-o', 'out', specification], {
        env,
      });
      assert.equal(outcome.code, 2, outcome.stderr);
      const states = place
        .study()
        .statusCsv()
        .slice(1)
        .map((row) => [row[0], row[3]]);
      assert.deepEqual(states, [
        ['bad', 'FAILED'],
        ['after', 'FAILED'],
      ]);
    });

    // LSF counts walltimes in minutes, longer than a test should take.
    if (name !== 'lsf')
      test('restarts a step that has used its time', async (t) => {
        const { place, env, uri } = await cluster(t, kind);
        const specification = place.specification(
          [
            {
              name: 'long',
              cmd: 'echo first > told; exec sleep 60',
              restart: 'cat told',
              procs: 1,
              walltime: '2s',
            },
          ],
          { batch: kind.batch(uri) },
        );
        const outcome = await place.maestro(['run', '-y', '-fg', '-s', '1', '-o', 'out', specification], {
          env,
        });
        assert.equal(outcome.code, 0, outcome.stderr);
        const attempts = place.study().attempts('long');
        assert.deepEqual(
          attempts.map(({ outcome: end }) => end),
          ['TIMEDOUT', 'FINISHED'],
        );
      });

    test('refuses a queue that is not there in the words of the scheduler', async (t) => {
      const { place, env, uri } = await cluster(t, kind);
      const specification = place.specification([{ name: 'run', cmd: 'true', procs: 1, queue: 'nosuch' }], {
        batch: kind.batch(uri),
      });
      const outcome = await place.maestro(['run', '-y', '-fg', '-s', '1', '-o', 'out', specification], {
        env,
      });
      assert.equal(outcome.code, 2, outcome.stderr);
      const log = readFileSync(place.path('out', 'logs', readdirSync(place.path('out', 'logs'))[0]!), 'utf8');
      assert.match(log, /not a valid queue|No such queue|Unknown queue/);
    });
  });
}
