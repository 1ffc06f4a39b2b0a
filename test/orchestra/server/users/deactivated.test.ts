import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { datasetRoutes, taskRoutes, userRoutes } from '../../../../src/orchestra/api.ts';
import { type Connection, call } from '../../../../src/orchestra/client/call.ts';
import { auditedDeeds } from '../../../../src/orchestra/server/operation/audit.ts';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { taskByName } from '../../../../src/orchestra/server/tasks/task-row.ts';
import { changeUser } from '../../../../src/orchestra/server/users/change-user.ts';
import { until } from '../../../e2e/until.ts';
import { storeFiles } from '../../datasets/raw-uploads.ts';
import { refused } from '../../refused.ts';
import { servedCluster } from '../../served-cluster.ts';
import { Visitor } from '../../visitor.ts';
import { oldClient } from '../legacy/old-client.ts';
import { newTask } from '../tasks/tasks-under-test.ts';

/** A cluster in which ada has a task whose only slot's job runs for ever, one that waits behind it, and one that is done. */
async function busyCluster(t: TestContext) {
  const queues = [{ name: 'cpu_small', slots: 1, runtime: 'none' as const }];
  const server = await servedCluster(t, { config: { queues } });
  await server.addUser('ada');
  await server.addUser('grace', { role: 'admin' });
  const ada = await server.connectionOf('ada');
  await storeFiles(ada, 'user.ada.data', { events: 'events' });
  await storeFiles(ada, 'user.ada.configs', { one: '1', two: '2' });
  const create = async (name: string, command: string): Promise<void> => {
    const exec = `: %DATA %IN; echo > %OUT/result; ${command}`;
    await call(ada, taskRoutes.createTask, { body: newTask({ name, exec, canaries: 0 }) });
  };
  const stateOf = (name: string) => taskByName(server.cluster.store, name)?.state;
  const running = async (connection: Connection): Promise<number> =>
    (await call(connection, taskRoutes.showTask, { params: { task: 'user.ada.runs' } })).jobs.running;
  await create('user.ada.done', 'true');
  await until('the first task is done', () => stateOf('user.ada.done') === 'done');
  await create('user.ada.runs', 'sleep 3600');
  await until('a job runs', async () => (await running(ada)) === 1);
  await create('user.ada.waits', 'true');
  return { server, ada, stateOf };
}

describe('a user who is deactivated', () => {
  it('has no way in any more, and tasks that have not ended are killed and audited, by the console', async (t) => {
    const { server, ada, stateOf } = await busyCluster(t);
    const { cluster, url } = server;
    const browser = new Visitor(url);
    await browser.logIn('ada');
    const { killed } = changeUser(cluster, AT_CONSOLE, 'ada', { state: 'inactive' });
    assert.deepEqual(killed, ['user.ada.runs', 'user.ada.waits']);

    await assert.rejects(call(ada, userRoutes.showMyself, {}), refused('unauthenticated'));
    await assert.rejects(call(ada, datasetRoutes.listDatasets, { query: {} }), refused('unauthenticated'));
    assert.equal((await storeFiles(ada, 'user.ada.data', { more: 'more' })).status, 401);
    await assert.rejects(server.tokenOf('ada'), refused('forbidden', /deactivated/));
    assert.match((await browser.get('/tasks')).location ?? '', /^\/login/);
    const old = { username: 'ada', credentials: `$ada$${ada.token}` };
    assert.equal((await oldClient(url).call('/list-tasks', old)).error_code, 401);
    const form = { username: 'ada', password: 'password of ada' };
    assert.equal((await oldClient(url).call('/authenticate', form)).error_code, 403);

    for (const name of killed) await until(`${name} is killed`, () => stateOf(name) === 'killed');
    assert.equal(stateOf('user.ada.done'), 'done');
    const deeds = [...auditedDeeds(cluster, { actor: 'console' })].map(({ action, subject, outcome }) => [
      action,
      subject,
      outcome,
    ]);
    assert.deepEqual(deeds.slice(-3), [
      ['task.kill', 'user.ada.runs', 'done'],
      ['task.kill', 'user.ada.waits', 'done'],
      ['user.deactivate', 'ada', 'done'],
    ]);
  });

  it('is told of on the page where administrators do it, and keeps what is stored', async (t) => {
    const { server, stateOf } = await busyCluster(t);
    const grace = new Visitor(server.url);
    await grace.logIn('grace');
    assert.match((await grace.get('/admin/users/ada')).text, /tasks that have not ended are killed/);
    const sent = await grace.send('/admin/users/ada', '/admin/users/ada/state', { state: 'inactive' });
    assert.equal(sent.status, 303);
    for (const name of ['user.ada.runs', 'user.ada.waits']) {
      await until(`${name} is killed`, () => stateOf(name) === 'killed');
    }
    const deeds = [...auditedDeeds(server.cluster, { actor: 'grace' })];
    assert.equal(deeds.filter(({ action }) => action === 'task.kill').length, 2);
    const admin = await server.connectionOf('grace');
    const datasets = await call(admin, datasetRoutes.listDatasets, { query: { user: 'ada' } });
    assert.ok(datasets.some(({ name }) => name === 'user.ada.data'));
    assert.ok(datasets.some(({ name, files }) => name === 'user.ada.done' && files > 0));
    changeUser(server.cluster, AT_CONSOLE, 'ada', { state: 'active' });
    const ada = await server.connectionOf('ada');
    const again = { params: { task: 'user.ada.waits' } };
    assert.equal((await call(ada, taskRoutes.retryTask, again)).state, 'registered');
  });
});
