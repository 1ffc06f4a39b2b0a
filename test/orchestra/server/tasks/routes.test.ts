import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { taskRoutes } from '../../../../src/orchestra/api.ts';
import { type Connection, call } from '../../../../src/orchestra/client/call.ts';
import {
  createTask,
  deleteTask,
  jobsOf,
  jobsOfQueue,
  killAllTasks,
  killTask,
  listTasks,
  readJobLog,
  retryTask,
  showTask,
} from '../../../../src/orchestra/client/tasks.ts';
import { refused } from '../../refused.ts';
import { servedCluster } from '../../served-cluster.ts';
import { addDataset, newTask } from './tasks-under-test.ts';

const NAME = 'user.ada.fit';

/** A cluster with ada's task, whose image nobody has, so that it breaks, and users who have nothing to do with it. */
async function world(test: TestContext) {
  const served = await servedCluster(test);
  const { cluster } = served;
  for (const name of ['ada', 'bob']) await served.addUser(name);
  await served.addUser('grace', { role: 'admin' });
  const id = cluster.store.prepare(`SELECT id FROM user WHERE name = 'ada'`).pluck().get() as number;
  const owner = { id, name: 'ada', role: 'user' } as const;
  addDataset(cluster, owner, 'user.ada.data', ['events.h5']);
  addDataset(cluster, owner, 'user.ada.configs', ['a.json', 'b.json']);
  const [ada, bob, grace] = await Promise.all(['ada', 'bob', 'grace'].map(served.connectionOf));
  return { ...served, ada: ada!, bob: bob!, grace: grace! };
}

/** Every call about one task, or about the tasks of ada. */
const CALLS: readonly ((connection: Connection) => Promise<unknown>)[] = [
  (connection) => createTask(connection, newTask({ name: 'user.ada.other' })),
  (connection) => createTask(connection, newTask({ name: 'user.ada.other', dryRun: true })),
  (connection) => retryTask(connection, NAME),
  (connection) => killTask(connection, NAME),
  (connection) => deleteTask(connection, NAME),
  (connection) => showTask(connection, NAME),
  (connection) => jobsOf(connection, NAME).next(),
  (connection) => readJobLog(connection, { task: NAME, number: 0, offset: 0 }),
  (connection) => listTasks(connection, 'ada'),
  (connection) => killAllTasks(connection, 'ada'),
];

describe('the routes of tasks', () => {
  it('let nobody do or see anything of another, whether there is such a task or not', async (test) => {
    const { ada, bob } = await world(test);
    for (const isThere of [false, true]) {
      if (isThere) await createTask(ada, newTask());
      for (const ask of CALLS)
        await assert.rejects(ask(bob), refused('forbidden', /belongs to ada|you are bob/));
    }
    assert.equal((await listTasks(ada)).length, 1);
    assert.deepEqual(await listTasks(bob), []);
    const own = newTask({ name: 'user.bob.fit' });
    await assert.rejects(
      createTask(bob, own),
      refused('forbidden', /user\.ada\.data does not belong to bob/),
    );
  });

  it('let an administrator act for others, which is audited under the administrator’s name', async (test) => {
    const { grace, cluster } = await world(test);
    await createTask(grace, newTask());
    assert.equal((await listTasks(grace, 'ada'))[0]!.owner, 'ada');
    await killAllTasks(grace, 'ada');
    const deeds = cluster.store
      .prepare(`SELECT actor, action, subject FROM audit WHERE action LIKE 'task.%' ORDER BY id LIMIT 1`)
      .raw()
      .all();
    assert.deepEqual(deeds, [['grace', 'task.create', NAME]]);
  });

  it('answer nothing without a good token', async (test) => {
    const { url } = await world(test);
    for (const connection of [{ server: url }, { server: url, token: 'maestro_x' }]) {
      for (const ask of [...CALLS, (c: Connection) => jobsOfQueue(c, 'cpu_small')]) {
        await assert.rejects(ask(connection), refused('unauthenticated'));
      }
    }
  });

  it('refuse bodies with fields that are missing, more, of another kind, or huge', async (test) => {
    const { ada } = await world(test);
    const { queue: _, ...lacking } = newTask();
    const bodies: readonly unknown[] = [
      lacking,
      { ...newTask(), owner: 'ada' },
      { ...newTask(), canaries: -1 },
      { ...newTask(), secondary: { REF: ['user.ada.data'] } },
      { ...newTask(), secondary: `{'REF': 'x'}` },
      { ...newTask(), exec: '' },
      { ...newTask(), exec: 'x'.repeat(70_000) },
      { ...newTask(), name: 'x'.repeat(300) },
      [],
      'x',
    ];
    for (const body of bodies) {
      const asked = { body } as { body: ReturnType<typeof newTask> };
      await assert.rejects(call(ada, taskRoutes.createTask, asked), refused('bad-request'));
    }
    const huge = { body: newTask({ exec: 'x'.repeat(2_000_000) }) };
    await assert.rejects(call(ada, taskRoutes.createTask, huge), refused('too-large'));
    await assert.rejects(jobsOfQueue(ada, 'none'), refused('not-found', /no queue "none"/));
  });

  it('show logs from their files alone: no link is followed, no pipe waited for', async (test) => {
    const { ada, cluster } = await world(test);
    await createTask(ada, newTask());
    const volume = join(cluster.directory.volume, 'ada', NAME);
    const logOf = (number: number) => join(volume, `job_configId_${number}`, `job_configId_${number}.log`);
    for (const number of [0, 1]) mkdirSync(join(volume, `job_configId_${number}`));
    const read = async (number: number, offset = 0) =>
      Buffer.from((await readJobLog(ada, { task: NAME, number, offset })).bytes).toString();
    assert.equal(await read(0), '');
    writeFileSync(logOf(0), 'first second');
    assert.equal(await read(0, 6), 'second');
    assert.equal(await read(0, 600), '');
    symlinkSync(cluster.directory.config, logOf(1));
    assert.equal(await read(1), '');
    mkdirSync(join(volume, 'elsewhere'));
    execFileSync('rm', [logOf(1)]);
    execFileSync('mkfifo', [logOf(1)]);
    assert.equal(await read(1), '');
    await assert.rejects(read(2), refused('not-found', /has no job 2/));
  });

  it('page through jobs, whole or of a state', async (test) => {
    const { ada } = await world(test);
    await createTask(ada, newTask());
    const jobs = [];
    for await (const job of jobsOf(ada, NAME)) jobs.push([job.name, job.input]);
    assert.deepEqual(jobs, [
      ['job_configId_0', 'ada/user.ada.configs/a.json'],
      ['job_configId_1', 'ada/user.ada.configs/b.json'],
    ]);
    const query = { from: 1, limit: 1 };
    const page = await call(ada, taskRoutes.listJobs, { params: { task: NAME }, query });
    assert.deepEqual(
      page.map(({ number }) => number),
      [1],
    );
    assert.equal((await jobsOf(ada, NAME, { state: 'done' }).next()).done, true);
  });
});
