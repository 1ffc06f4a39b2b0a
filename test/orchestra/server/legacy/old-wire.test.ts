import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../../../e2e/until.ts';
import { addBusyboxImage } from '../../busybox-image.ts';
import { servedCluster } from '../../served-cluster.ts';
import { type OldAnswer, oldClient } from './old-client.ts';

/** A cluster that serves ada and bob over the old wire; ada has uploaded data and three configurations. */
async function world(test: TestContext) {
  const cluster = await servedCluster(test);
  addBusyboxImage(cluster.cluster.directory.images);
  await cluster.addUser('ada');
  await cluster.addUser('bob');
  const client = oldClient(cluster.url);
  const credentialsOf = async (username: string): Promise<string> => {
    const answer = await client.call('/authenticate', { username, password: `password of ${username}` });
    assert.equal(answer.message, 'Authentication successful!');
    return `$${username}$${answer.token}`;
  };
  const ada = { username: 'ada', credentials: await credentialsOf('ada') };
  const bob = { username: 'bob', credentials: await credentialsOf('bob') };
  await client.upload({ ...ada, datasetname: 'user.ada.data' }, 'events.txt', 'events\n');
  for (const name of ['a', 'b', 'c']) {
    await client.upload({ ...ada, datasetname: 'user.ada.configs' }, `${name}.json`, name);
  }
  const task = {
    ...ada,
    taskname: 'user.ada.fit',
    dataFile: 'user.ada.data',
    configFile: 'user.ada.configs',
    containerImage: 'busybox',
    secondaryDS: '',
    execCommand: 'cat %DATA %IN > %OUT/result',
    et: '0',
    eta: '0',
    queue: 'cpu_small',
    is_dummy_data: 'False',
    is_dummy_config: 'False',
  };
  return { ...cluster, client, ada, bob, task };
}

describe('the old wire', () => {
  it('authenticates', async (test) => {
    const { client, addUser } = await world(test);
    await addUser('eve', { state: 'registered' });
    for (const [username, password, message] of [
      ['ada', 'wrong', 'Authentication failed!'],
      ['nobody', 'wrong', 'Authentication failed!'],
      ['eve', 'password of eve', 'Your account has not been activated yet.'],
    ] as const) {
      const answer = await client.call('/authenticate', { username, password });
      assert.deepEqual(answer, { error_code: 401, message });
    }
  });

  it('uploads, lists, downloads and deletes datasets', async (test) => {
    const { client, ada } = await world(test);
    const fields = { ...ada, datasetname: 'user.ada.more' };
    assert.deepEqual(await client.upload(fields, 'x.txt', 'one'), {
      error_code: 200,
      message: 'File x.txt successfully uploaded!',
    });
    assert.equal((await client.upload(fields, 'x.txt', 'one')).error_code, 409);
    const list = await client.call('/list-datasets', ada);
    assert.equal(list.error_code, 200);
    assert.match(list.message, /Username\W+Dataset\W+Files/);
    assert.match(list.message, /ada\W+user\.ada\.configs\W+3/);
    assert.deepEqual(await client.call('/list-datasets-py', ada), [
      'user.ada.configs',
      'user.ada.data',
      'user.ada.more',
    ]);
    const zip = await client.download(fields);
    assert.equal(zip.subarray(0, 2).toString(), 'PK');
    assert.ok(zip.includes('one'));
    assert.deepEqual(await client.call('/delete-dataset', fields), {
      error_code: 200,
      message: 'Successfully deleted.',
    });
    const gone = JSON.parse((await client.download(fields)).toString()) as OldAnswer;
    assert.equal(gone.error_code, 404);
  });

  it('creates a task, shows it until it is done, and downloads what it has left', async (test) => {
    const { client, ada, task } = await world(test);
    assert.deepEqual(await client.call('/create-task', task), { error_code: 200, message: 'Success!' });
    const again = await client.call('/create-task', task);
    assert.equal(again.error_code, 500);
    assert.match(again.message, /there is a task user\.ada\.fit already/);
    const line = await until('the task is done', async () => {
      const { message } = await client.call('/list-tasks', ada);
      assert.match(message, /Queue\W+Taskname\W+Registered\W+Assigned\W+Testing\W+Running\W+Failed\W+Done/);
      return /^.*cpu_small.* done .*$/m.exec(message)?.[0];
    });
    assert.match(line, /user\.ada\.fit(?:\W+0){5}\W+3(?:\W+0){3}\W+done/);
    assert.deepEqual(await client.call('/list-tasks-py', ada), ['user.ada.fit']);
    const zip = await client.download({ ...ada, datasetname: 'user.ada.fit' });
    for (const part of [
      'job_configId_0/result',
      'job_configId_2/result',
      'job_configId_1/job_configId_1.log',
    ]) {
      assert.ok(zip.includes(part), part);
    }
    const owned = await client.call('/delete-dataset', { ...ada, datasetname: 'user.ada.fit' });
    assert.notEqual(owned.error_code, 200);
    const retry = await client.call('/retry-task', task);
    assert.equal(retry.error_code, 500);
    assert.match(retry.message, /is done/);
    assert.deepEqual(await client.call('/delete-task', task), { error_code: 200, message: 'Success!' });
    assert.equal((await client.call('/delete-task', task)).error_code, 500);
  });

  it('kills a task, and shows its queue meanwhile', async (test) => {
    const { client, ada, task } = await world(test);
    await client.call('/create-task', { ...task, execCommand: 'echo %DATA %IN > %OUT/x; sleep 3600' });
    await until('the canary runs', async () => {
      const { message } = await client.call('/queue', { ...ada, name: 'cpu_small' });
      assert.match(message, /username\W+Queue\W+Taskname\W+job\W+priority\W+Status/);
      return /ada\W+cpu_small\W+user\.ada\.fit\W+job_configId_0\W+testing/.test(message);
    });
    assert.deepEqual(await client.call('/kill-task', task), { error_code: 200, message: 'Success!' });
    await until('it is killed', async () => {
      const { message } = await client.call('/list-tasks', ada);
      return / killed +[|│]?\s*$/m.test(message) || /\bkilled\W*$/m.test(message.split('\n').at(-2) ?? '');
    });
    assert.deepEqual(await client.call('/retry-task', task), { error_code: 200, message: 'Success!' });
    await client.call('/kill-task', task);
  });

  it('knows the fields of clients that are older still', async (test) => {
    const { client, task, cluster } = await world(test);
    const { queue: _, is_dummy_data: _d, is_dummy_config: _c, ...older } = task;
    await client.call('/create-task', { ...older, gpu: 'True', taskname: 'user.ada.gpu' });
    await client.call('/create-task', { ...older, gpu: 'False', taskname: 'user.ada.cpu' });
    const queues = cluster.store.prepare('SELECT name, queue FROM task ORDER BY name').raw().all();
    assert.deepEqual(queues, [
      ['user.ada.cpu', 'cpu_small'],
      ['user.ada.gpu', 'nvidia'],
    ]);
  });

  it('says in its fields what is wrong with a task', async (test) => {
    const { client, task } = await world(test);
    for (const [change, message] of [
      [{ taskname: 'fit' }, /cannot be the name of a task/],
      [{ queue: 'none' }, /there is no queue "none"/],
      [{ dataFile: 'user.ada.none' }, /there is no dataset user\.ada\.none/],
      [{ execCommand: 'x %IN %OUT' }, /does not contain %DATA/],
      [{ secondaryDS: `{'R': __import__('os').system('touch /tmp/x')}` }, /must look like/],
      [{ secondaryDS: `{'REF': 'user.ada.data'}` }, /does not contain REF/],
      [{ is_dummy_data: 'perhaps' }, /must be True or False/],
      [{ et: 'x' }, /must be a number/],
      [{ containerImage: '--privileged' }, /cannot be the name of an image/],
    ] as const) {
      const answer = await client.call('/create-task', { ...task, ...change });
      assert.equal(answer.error_code, 500);
      assert.match(answer.message, message);
    }
    const secondary = { secondaryDS: `{'REF':'user.ada.data'}`, execCommand: 'x %DATA %IN %OUT REF' };
    assert.equal((await client.call('/create-task', { ...task, ...secondary })).error_code, 200);
  });

  it('lets nobody act under the name of another, in any call', async (test) => {
    const { client, ada, bob, task } = await world(test);
    await client.call('/create-task', { ...task, execCommand: '%DATA %IN %OUT; sleep 3600' });
    const asAda = { ...bob, username: 'ada' };
    for (const who of [asAda, bob]) {
      for (const path of ['/create-task', '/kill-task', '/retry-task', '/delete-task']) {
        const answer = await client.call(path, { ...task, ...who, taskname: `user.ada.${path.slice(1, 4)}` });
        assert.equal(answer.error_code, 500, path);
        assert.match(answer.message, /belong/);
      }
      for (const path of ['/delete-dataset', '/download-dataset']) {
        const answer = await client.call(path, { ...who, datasetname: 'user.ada.data' });
        assert.equal(answer.error_code, 403, path);
      }
      const upload = await client.upload({ ...who, datasetname: 'user.ada.data' }, 'evil.txt', 'x');
      assert.equal(upload.error_code, 403);
    }
    for (const path of ['/list-datasets', '/list-datasets-py', '/list-tasks', '/list-tasks-py']) {
      assert.equal((await client.call(path, asAda)).error_code, 403, path);
    }
    const borrowed = { ...task, ...bob, taskname: 'user.bob.fit' };
    assert.match((await client.call('/create-task', borrowed)).message, /does not belong to bob/);
    await client.call('/kill-task', { ...task, ...ada });
  });

  it('does nothing without credentials that are good', async (test) => {
    const { client, task, ada } = await world(test);
    const token = ada.credentials.split('$')[2]!;
    for (const credentials of [
      '',
      '$',
      '$ada$',
      '$ada$x',
      `$bob$${token}`,
      token,
      `$ada$${token}x`,
      '$ada$$',
    ]) {
      for (const path of [
        '/create-task',
        '/list-tasks',
        '/list-datasets-py',
        '/queue',
        '/download-dataset',
      ]) {
        const answer = await client.call(path, { ...task, name: 'cpu_small', credentials });
        assert.deepEqual(answer, { error_code: 401, message: 'Authentication failed!' }, credentials);
      }
      const upload = await client.upload({ ...ada, credentials, datasetname: 'user.ada.data' }, 'y.txt', 'x');
      assert.equal(upload.error_code, 401);
    }
  });

  it('answers forms with fields missing, doubled, huge, or that are none, and goes on', async (test) => {
    const { client, ada, task, url } = await world(test);
    assert.match((await client.call('/list-tasks', { username: 'ada' })).message, /credentials is missing/);
    const doubled = new URLSearchParams([...Object.entries(task), ['taskname', 'user.bob.fit']]);
    const answer = (await (await client.post('/create-task', doubled)).json()) as OldAnswer;
    assert.match(answer.message, /taskname must stand in the form once/);
    const huge = await client.call('/create-task', { ...task, execCommand: 'x'.repeat(300_000) });
    assert.notEqual(huge.error_code, 200);
    const long = await client.call('/create-task', { ...task, execCommand: '%DATA%IN%OUT'.repeat(6_000) });
    assert.match(long.message, /execCommand is too long/);
    for (const path of ['/create-task', '/authenticate', '/upload-dataset']) {
      const json = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"__proto__": {"credentials": "x"}}',
      });
      assert.equal(json.status, 200);
      assert.notEqual(((await json.json()) as OldAnswer).error_code, 200);
    }
    const form = new FormData();
    form.set('file', new Blob(['x']), 'x.txt');
    for (const [name, value] of Object.entries({ ...ada, datasetname: 'user.ada.late' }))
      form.set(name, value);
    const late = (await (await client.post('/upload-dataset', form)).json()) as OldAnswer;
    assert.match(late.message, /credentials is missing/);
    const names = await client.call<string[]>('/list-datasets-py', ada);
    assert.deepEqual(names, ['user.ada.configs', 'user.ada.data']);
  });

  it('keeps nothing of an upload that is cut off', async (test) => {
    const { client, ada, url } = await world(test);
    const boundary = 'x-boundary';
    const field = (name: string, value: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body =
      Object.entries({ ...ada, datasetname: 'user.ada.cut' })
        .map(([name, value]) => field(name, value))
        .join('') +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\nhalf of it`;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.write(
        `POST /upload-dataset HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
          `Content-Length: 100000\r\n\r\n${body}`,
        () => socket.destroy(),
      );
    });
    const names = await client.call<string[]>('/list-datasets-py', ada);
    assert.deepEqual(names, ['user.ada.configs', 'user.ada.data']);
    const whole = await client.upload({ ...ada, datasetname: 'user.ada.cut' }, 'x.txt', 'all of it');
    assert.equal(whole.error_code, 200);
  });
});
