import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { atConsole, collectGarbage, verifyStore } from '../../src/orchestra/server/main.ts';
import { makePlace, signal } from '../e2e/harness.ts';
import { logOf, type ServedProcess } from '../e2e/served-process.ts';
import { until } from '../e2e/until.ts';
import { hearAnswers } from './orchestra-load/answers-heard.ts';
import { assertDatasets, assertTasks, assertTrace, traced } from './orchestra-load/assert-kept.ts';
import {
  clusterToKill,
  connectUsers,
  freePort,
  type KilledCluster,
} from './orchestra-load/killed-cluster.ts';
import { keepLooking } from './orchestra-load/looks.ts';
import { nothingKnown, type Scene } from './orchestra-load/scene.ts';
import { createTasks, uploadInputs } from './orchestra-load/tasks.ts';
import { deleteDatasets, storePacks, uploadByOldWire, uploadDirectories } from './orchestra-load/uploads.ts';
import { randomFrom } from './random.ts';

/** How often the server is killed, and the seed of all that is random. */
const KILLS = Number(process.env.MAESTRO_KILLS ?? 50);
const SEED = Number(process.env.MAESTRO_SEED ?? 20261128);

/** A kill comes after up to so many answers of the server. */
const ANSWERS = 30;

/** Servers of one cluster, one after the other. */
interface Servers {
  /** The one that is there, or will be next. */
  current: Promise<ServedProcess>;
}

/** Waits for a random moment in the life of a server that has just begun to listen. */
async function randomMoment({ answers, trace }: Scene, random: () => number): Promise<void> {
  // Some are killed when they have only begun to look around, most amid their work.
  if (random() < 0.2) return;
  const goal = answers.count() + Math.floor(random() * ANSWERS);
  await until('the server has answered', () => answers.count() >= goal);
  if (random() < 0.7) return;
  // Tasks get on while a server stays a little: until another job has run, or it has answered for a while.
  const ran = traced(trace).length;
  await until('a task has got on', () => traced(trace).length > ran || answers.count() >= goal + 2 * ANSWERS);
}

/** Kills one server after the other, some amid their start. The last one is left. */
async function killAgainAndAgain(cluster: KilledCluster, servers: Servers, scene: Scene): Promise<void> {
  const random = randomFrom(SEED);
  for (let kills = 0; kills < KILLS; ) {
    const server = await servers.current;
    await randomMoment(scene, random);
    kills++;
    const dies = random() < 0.3 && kills < KILLS;
    if (dies) kills++;
    servers.current = (async () => {
      assert.ok(signal(server.pid, 'SIGKILL'), 'the server was there to be killed');
      await server.ended;
      if (random() < 0.1) await atConsole(cluster, (open) => collectGarbage(open));
      if (dies) await cluster.killAmidItsStart();
      return await cluster.start();
    })();
    // Whoever waits for it hears of it.
    servers.current.catch(() => undefined);
  }
}

test(`a server that is killed ${KILLS} times under load loses nothing and runs each job once`, async (t) => {
  t.diagnostic(`MAESTRO_SEED=${SEED}`);
  const place = makePlace(t);
  const cluster = clusterToKill(place, await freePort());
  const servers: Servers = { current: cluster.start() };
  const { url } = await servers.current;
  let isOver = false;
  const scene: Scene = {
    connections: await connectUsers(cluster, url),
    directory: place.path('clients'),
    trace: place.path('trace'),
    answers: hearAnswers(t),
    served: async () => void (await servers.current),
    isOver: () => isOver,
    known: nothingKnown(),
  };
  mkdirSync(scene.directory);
  writeFileSync(scene.trace, '');
  await uploadInputs(scene);
  const load = Promise.all([
    storePacks(scene, randomFrom(SEED + 1)),
    uploadDirectories(scene, randomFrom(SEED + 2)),
    uploadByOldWire(scene, randomFrom(SEED + 3)),
    deleteDatasets(scene, randomFrom(SEED + 4)),
    ...[5, 6, 7, 8].map((own) => createTasks(scene, `by${own}-`, randomFrom(SEED + own))),
    keepLooking(scene, randomFrom(SEED + 9)),
  ]);
  await Promise.race([killAgainAndAgain(cluster, servers, scene), load]).finally(() => {
    isOver = true;
  });
  await load;
  const last = await servers.current;
  t.diagnostic(describe(scene));
  assert.deepEqual(scene.answers.faults(), []);
  assert.deepEqual(
    logOf(cluster.data).filter(({ level }) => Number(level) >= 50),
    [],
    'the servers know of no mistake of theirs',
  );
  await assertDatasets(scene, cluster.data);
  await assertTasks(scene, cluster.data);
  assertTrace(scene);
  const { stored, deleted, tasks } = scene.known;
  const work = [stored.size, deleted.size, tasks.size, traced(scene.trace).length];
  assert.ok(Math.min(...work) >= KILLS / 10, `there was a load: ${work.join(', ')}`);
  signal(last.pid, 'SIGTERM');
  assert.equal((await last.ended).code, 0);
  assert.deepEqual((await atConsole(cluster, (open) => verifyStore(open))).lost, []);
});

function describe({ known: { stored, deleted, tasks }, trace, answers }: Scene): string {
  const files = [...stored.values()].reduce((sum, { size }) => sum + size, 0);
  const datasets = `${files} files in ${stored.size} datasets, ${deleted.size} deleted`;
  return `${answers.count()} answers; acknowledged: ${datasets}; ${tasks.size} tasks; ${traced(trace).length} jobs traced`;
}
