import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import Database from 'better-sqlite3';
import type { Connection } from '../../src/orchestra/client/call.ts';
import { createTask, showTask } from '../../src/orchestra/client/tasks.ts';
import { dataDirectory } from '../../src/orchestra/server/data-directory.ts';
import { studyPlace } from '../../src/orchestra/server/engine/study-place.ts';
import { storeFile } from '../../src/shared/state/store.ts';
import { addBusyboxImage } from '../orchestra/busybox-image.ts';
import { oldClient } from '../orchestra/server/legacy/old-client.ts';
import { newTask } from '../orchestra/server/tasks/tasks-under-test.ts';
import { makePlace, signal } from './harness.ts';
import { startServer } from './served-process.ts';
import { until } from './until.ts';

const JOBS = 24;
const PASSWORD = 'a password that nobody guesses 77';

it('a task whose server is killed again and again comes to its end, and every job has run once', async (test) => {
  const place = makePlace(test);
  const data = place.path('data');
  let server = await startServer(place, data);
  addBusyboxImage(join(data, 'images'));
  const add = ['orchestra', 'user', 'add', 'ada', '--password-stdin', '--activate', '--data', data];
  assert.equal((await place.maestro(add, { input: `${PASSWORD}\n` })).code, 0);
  const client = oldClient(server.url);
  const { token } = await client.call('/authenticate', { username: 'ada', password: PASSWORD });
  const ada = { username: 'ada', credentials: `$ada$${token}` };
  await client.upload({ ...ada, datasetname: 'user.ada.data' }, 'events.txt', 'events\n');
  for (let number = 0; number < JOBS; number++) {
    await client.upload({ ...ada, datasetname: 'user.ada.configs' }, `${1_000 + number}.json`, `${number}`);
  }
  const connection = (): Connection => ({ server: server.url, token: token! });
  const exec = 'echo ran on %IN with %DATA; echo > %OUT/result';
  await createTask(connection(), newTask({ exec }));
  for (let kills = 0, done = 0; kills < 6; kills++) {
    const before = done;
    signal(server.pid, 'SIGKILL');
    await server.ended;
    server = await startServer(place, data);
    const task = await until('the task has come a little further', async () => {
      const shown = await showTask(connection(), 'user.ada.fit');
      return (shown.jobs.done > before || shown.endedAs !== null) && shown;
    });
    done = task.jobs.done;
  }
  const ended = await until('the task has ended', async () => {
    const shown = await showTask(connection(), 'user.ada.fit');
    return shown.endedAs !== null && shown;
  });
  assert.deepEqual([ended.state, ended.jobs.done, ended.run], ['done', JOBS, 1]);
  for (let number = 0; number < JOBS; number++) {
    const job = `job_configId_${number}`;
    const log = readFileSync(join(data, 'volume/ada/user.ada.fit', job, `${job}.log`), 'utf8');
    assert.equal(log.match(/^ran on/gm)?.length, 1, log);
  }
  const { study } = studyPlace(dataDirectory(data), { id: 1, run: 1 });
  const store = new Database(storeFile(study), { readonly: true });
  assert.equal(store.prepare('SELECT count(*) FROM attempt').pluck().get(), JOBS);
  store.close();
  signal(server.pid, 'SIGTERM');
  await server.ended;
});
