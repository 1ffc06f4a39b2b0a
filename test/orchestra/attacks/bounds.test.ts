import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { taskRoutes } from '../../../src/orchestra/api.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { AT_CONSOLE } from '../../../src/orchestra/server/operation/audited.ts';
import { changeUser } from '../../../src/orchestra/server/users/change-user.ts';
import { announce, send, storeFiles } from '../datasets/raw-uploads.ts';
import { refused } from '../refused.ts';
import { servedCluster } from '../served-cluster.ts';
import { newTask, tasksUnderTest } from '../server/tasks/tasks-under-test.ts';

const MIB = 1024 * 1024;

describe('what one user can take of a cluster', () => {
  it('is no more memory than a command of a job can have, however often a word stands for a long path', async (t) => {
    const { addUser, connectionOf } = await servedCluster(t);
    await addUser('eve');
    const eve = await connectionOf('eve');
    const long = Array.from({ length: 4 }, () => 'x'.repeat(250)).join('/');
    const files = Array.from({ length: 100 }, (_, index) => [`${index}/${long}`, String(index)]);
    assert.equal((await storeFiles(eve, 'user.eve.data', Object.fromEntries(files))).status, 200);
    const task = { name: 'user.eve.task', dataFile: 'user.eve.data', configFile: 'user.eve.data' };
    for (const word of ['%IN', '%DATA', '%OUT']) {
      const exec = `%DATA %IN %OUT ${word.repeat(10_000)}`;
      const asked = call(eve, taskRoutes.createTask, { body: newTask({ ...task, exec, dryRun: true }) });
      await assert.rejects(asked, refused('unprocessable', /too long with the paths in it/));
    }
    const { jobs } = await call(eve, taskRoutes.createTask, { body: newTask({ ...task, dryRun: true }) });
    assert.equal(jobs.length, 100);
  });

  it('is no more storage than the quota, by uploads that are announced together', async (t) => {
    const { addUser, connectionOf, cluster } = await servedCluster(t);
    await addUser('eve');
    changeUser(cluster, AT_CONSOLE, 'eve', { storageQuota: MIB });
    const eve = await connectionOf('eve');
    const announcements = Array.from({ length: 20 }, (_, index) =>
      announce(eve, { dataset: 'user.eve.data', path: `file${index}`, size: 0.4 * MIB - 0.4 }),
    );
    const statuses = (await Promise.all(announcements)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 201).length, 2, String(statuses));
  });

  it('is a thousand uploads that are not finished, even empty ones', async (t) => {
    const { addUser, connectionOf, cluster } = await servedCluster(t);
    await addUser('eve');
    const eve = await connectionOf('eve');
    const insert = cluster.store.prepare(
      `INSERT INTO upload SELECT ?, id, 'user.eve.data', 'file', 0, ? FROM user WHERE name = 'eve'`,
    );
    for (let upload = 0; upload < 1_000; upload++) {
      insert.run(upload.toString(16).padStart(32, '0'), cluster.clock.now());
    }
    const { status, body } = await announce(eve, { dataset: 'user.eve.data', path: 'other', size: 0 });
    assert.deepEqual([status, body.error.code], [413, 'quota-exceeded']);
  });

  it('is no more of the disk than the quota, by the wire that announces nothing', async (t) => {
    const { addUser, tokenOf, url, cluster } = await servedCluster(t);
    await addUser('eve');
    changeUser(cluster, AT_CONSOLE, 'eve', { storageQuota: MIB });
    const form = new FormData();
    form.set('credentials', `$eve$${await tokenOf('eve')}`);
    form.set('username', 'eve');
    form.set('datasetname', 'user.eve.data');
    form.set('file', new Blob([Buffer.alloc(8 * MIB)]), 'zeros');
    const answer = await fetch(`${url}/upload-dataset`, { method: 'POST', body: form });
    const { error_code: code, message } = (await answer.json()) as { error_code: number; message: string };
    assert.equal(code, 413, message);
    assert.match(message, /eve may store 1048576 bytes/);
    assert.deepEqual(readdirSync(join(cluster.directory.uploads, 'staged')), []);
  });

  it('is no more jobs than the quota, and no queue that was taken away, by a retry', async (t) => {
    const { cluster, orders, byAda, turn, stateOf } = tasksUnderTest(t);
    changeUser(cluster, AT_CONSOLE, 'ada', { jobQuota: 4 });
    orders.create(byAda, newTask({ name: 'user.ada.first' }));
    orders.kill(byAda, 'user.ada.first');
    await turn();
    assert.equal(stateOf('user.ada.first'), 'killed');
    orders.create(byAda, newTask({ name: 'user.ada.second' }));
    assert.throws(() => orders.retry(byAda, 'user.ada.first'), refused('quota-exceeded'));
    changeUser(cluster, AT_CONSOLE, 'ada', { jobQuota: null, queues: ['nvidia'] });
    assert.throws(() => orders.retry(byAda, 'user.ada.first'), refused('forbidden', /may not use the queue/));
    changeUser(cluster, AT_CONSOLE, 'ada', { queues: [] });
    orders.retry(byAda, 'user.ada.first');
  });
});

describe('the data directory', () => {
  it('shows other users of the machine nothing of the store, even where they may look into it', async (t) => {
    const { data } = await servedCluster(t);
    const open = readdirSync(data).filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0);
    assert.deepEqual(
      open.filter((name) => name.startsWith('orchestra.db')),
      [],
    );
  });
});

describe('a request that makes no sense', () => {
  it('is answered as one, whatever its numbers, and never as a fault of the server', async (t) => {
    const { addUser, connectionOf } = await servedCluster(t);
    await addUser('eve');
    await addUser('grace', { role: 'admin' });
    const eve = await connectionOf('eve');
    const grace = await connectionOf('grace');
    await storeFiles(eve, 'user.eve.data', { file: 'content' });
    const json = (body: string) => ({ headers: { 'content-type': 'application/json' }, body });
    const answers = [
      await send(eve, 'GET', '/tasks?user=eve&user=ada'),
      await send(eve, 'GET', '/tasks/user.eve.x/jobs/1e300/log?offset=1e300'),
      await send(eve, 'GET', '/datasets/user.eve.data/file?path=file&path=other'),
      await send(eve, 'GET', '/datasets/%00'),
      await send(eve, 'GET', '/datasets/user.eve.data%00/zip'),
      await send(eve, 'GET', '/datasets/%ff'),
      await send(eve, 'POST', '/tasks', json('{"name":"user.eve.x"}')),
      await send(eve, 'POST', '/tasks', json('{"__proto__":{"admin":true}}')),
      await send(eve, 'POST', '/tasks', json('[')),
      await send(eve, 'POST', '/tasks', json(`[${'['.repeat(100_000)}`)),
      await send(eve, 'POST', '/tasks', json(JSON.stringify({ ...newTask(), more: 1 }))),
      await send(
        eve,
        'POST',
        '/tasks',
        json(JSON.stringify(newTask({ name: 'user.eve.x' })).replace('"et":0', '"et":1e999')),
      ),
      await send(eve, 'POST', '/tasks', { headers: { 'content-type': 'text/xml' }, body: '<task/>' }),
      await send(grace, 'PATCH', '/users/eve', json('{"storageQuota":1e300}')),
      await send(grace, 'PATCH', '/users/eve', json('{"jobQuota":1e300}')),
    ];
    for (const { status, body } of answers) {
      assert.ok(status >= 400 && status < 500, `${status} ${JSON.stringify(body)}`);
    }
    assert.equal((await send(eve, 'GET', '/me')).status, 200);
  });
});
