import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../../../e2e/until.ts';
import { addBusyboxImage } from '../../busybox-image.ts';
import { servedCluster } from '../../served-cluster.ts';
import { Visitor } from '../../visitor.ts';
import { oldClient } from '../legacy/old-client.ts';

const TASK = 'user.ada.fit';

/** A cluster on which ada has uploaded data and two configurations, and ada and bob at their browsers. */
async function world(test: TestContext) {
  const server = await servedCluster(test);
  addBusyboxImage(server.cluster.directory.images);
  for (const name of ['ada', 'bob']) await server.addUser(name);
  const client = oldClient(server.url);
  const owner = { username: 'ada', credentials: `$ada$${await server.tokenOf('ada')}` };
  await client.upload({ ...owner, datasetname: 'user.ada.data' }, 'events.txt', 'events\n');
  for (const name of ['a', 'b']) {
    await client.upload({ ...owner, datasetname: 'user.ada.configs' }, `${name}.json`, name);
  }
  const create = async (execCommand: string): Promise<void> => {
    const answer = await client.call('/create-task', {
      ...owner,
      taskname: TASK,
      dataFile: 'user.ada.data',
      configFile: 'user.ada.configs',
      containerImage: 'busybox',
      secondaryDS: '',
      execCommand,
      et: '0',
      eta: '0',
      queue: 'cpu_small',
      is_dummy_data: 'False',
      is_dummy_config: 'False',
    });
    assert.equal(answer.error_code, 200, answer.message);
  };
  const [ada, bob] = [new Visitor(server.url), new Visitor(server.url)];
  await ada.logIn('ada');
  await bob.logIn('bob');
  return { ada, bob, create };
}

describe('the pages of one’s work', () => {
  it('show datasets and their files, and delete one only after asking', async (t) => {
    const { ada } = await world(t);
    assert.match((await ada.get('/datasets')).text, /href="\/datasets\/user\.ada\.configs"/);
    assert.match((await ada.get('/datasets/user.ada.configs')).text, /a\.json.*b\.json/s);
    const zip = await ada.get('/datasets/user.ada.configs/zip');
    assert.equal(zip.headers.get('content-type'), 'application/zip');
    const asked = await ada.get('/datasets/user.ada.configs/delete');
    assert.match(asked.text, /Delete user\.ada\.configs\?.*gone for good then: 2, 2 B/s);
    assert.equal((await ada.get('/datasets/user.ada.configs')).status, 200);
    const path = '/datasets/user.ada.configs/delete';
    assert.equal((await ada.send(path, path)).location, '/datasets');
    assert.equal((await ada.get('/datasets/user.ada.configs')).status, 404);
  });

  it('show a task from its making to its logs, and let nobody else see or order anything of it', async (t) => {
    const { ada, bob, create } = await world(t);
    await create(`echo '<script>alert(1)</script>'; cat %DATA %IN > %OUT/result`);
    const done = await until('the task is done', async () => {
      const { text } = await ada.get(`/tasks/${TASK}`);
      return text.includes('2 done') ? text : undefined;
    });
    assert.match(done, /job_configId_0.*a\.json.*job_configId_1.*b\.json/s);
    assert.match((await ada.get('/tasks')).text, /user\.<wbr>ada\.<wbr>fit.*2 done/s);
    const { text: log } = await ada.get(`/tasks/${TASK}/jobs/0/log`);
    assert.match(log, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.doesNotMatch(log, /<script>alert/);
    const csrf = await bob.token('/account');
    for (const path of ['', '/kill', '/delete', '/jobs/0/log']) {
      assert.equal((await bob.get(`/tasks/${TASK}${path}`)).status, 403, path);
    }
    for (const verb of ['kill', 'retry', 'delete']) {
      assert.equal((await bob.post(`/tasks/${TASK}/${verb}`, { csrf })).status, 403, verb);
    }
    const remove = `/tasks/${TASK}/delete`;
    assert.equal((await ada.send(remove, remove)).location, '/tasks');
    assert.equal((await ada.get(`/tasks/${TASK}`)).status, 404);
  });

  it('kill a task that runs', async (t) => {
    const { ada, create } = await world(t);
    await create('cat %DATA %IN > %OUT/result; sleep 600');
    const kill = `/tasks/${TASK}/kill`;
    assert.equal((await ada.send(kill, kill)).location, `/tasks/${TASK}`);
    await until('the task is killed', async () =>
      /class="pill warn">killed/.test((await ada.get(`/tasks/${TASK}`)).text),
    );
  });
});
