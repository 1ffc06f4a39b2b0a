import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { authenticate, castor, Refusal, task } from '../../src/library/main.ts';
import type { ClusterConfig } from '../../src/orchestra/server/config/config.ts';
import { type ClusterUnderTest, servedCluster } from '../orchestra/served-cluster.ts';

const PASSWORD = 'password of ada';

/** A cluster with the user ada, and a home in which nobody has authenticated. */
async function clusterFor(
  t: TestContext,
  config: Partial<ClusterConfig> = {},
): Promise<{ readonly cluster: ClusterUnderTest; readonly home: string }> {
  const home = mkdtempSync(join(tmpdir(), 'maestro-home-'));
  t.after(() => rmSync(home, { recursive: true }));
  const cluster = await servedCluster(t, { config });
  await cluster.addUser('ada');
  Object.assign(process.env, {
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    MAESTRO_SERVER: cluster.url,
  });
  return { cluster, home };
}

const refusedWith = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

test('whoever authenticates is known to every later call, and the token is kept as the command keeps it', async (t) => {
  const { home } = await clusterFor(t);
  await assert.rejects(castor.list(), refusedWith('unauthenticated'));
  await assert.rejects(authenticate('ada', 'another one'), refusedWith('unauthenticated'));
  const until = await authenticate('ada', PASSWORD);
  assert.ok(until.getTime() > Date.now());
  const file = join(home, '.maestro_credentials');
  assert.match(readFileSync(file, 'utf8'), /^\$ada\$\S+$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await castor.list(), []);
});

test('datasets go up and come back, with progress and with names that the server checks', async (t) => {
  const { home } = await clusterFor(t);
  await authenticate('ada', PASSWORD);
  const directory = join(home, 'configs');
  mkdirSync(join(directory, 'deep'), { recursive: true });
  writeFileSync(join(directory, 'a.json'), '{}');
  writeFileSync(join(directory, 'deep', 'b.json'), '{"b":1}');
  const seen: number[] = [];
  const uploaded = await castor.upload('user.ada.configs', directory, {
    onProgress: ({ bytes, totalBytes }) => seen.push(bytes / totalBytes),
  });
  assert.deepEqual(uploaded, { files: 2, bytes: 9, skipped: [] });
  assert.equal(seen.at(-1), 1);
  assert.deepEqual(await castor.list(), ['user.ada.configs']);
  assert.deepEqual(await castor.list('ada'), ['user.ada.configs']);
  const files = await castor.show('user.ada.configs');
  assert.deepEqual(
    files.map(({ path, size }) => [path, size]),
    [
      ['a.json', 2],
      ['deep/b.json', 7],
    ],
  );
  const output = join(home, 'back');
  assert.equal(await castor.download('user.ada.configs', { extract: true, output }), output);
  assert.equal(readFileSync(join(output, 'deep', 'b.json'), 'utf8'), '{"b":1}');
  const zip = join(home, 'back.zip');
  await castor.download('user.ada.configs', { output: zip });
  assert.equal(readFileSync(zip).toString('latin1').slice(0, 2), 'PK');
  await assert.rejects(castor.download('user.ada.configs', { output: zip }), refusedWith('exists'));
  await castor.delete('user.ada.configs');
  assert.deepEqual(await castor.list(), []);
});

test('what cannot be is a refusal with a code', async (t) => {
  const { cluster, home } = await clusterFor(t);
  await cluster.addUser('bob');
  await authenticate('ada', PASSWORD);
  await assert.rejects(castor.upload('ada.configs', home), refusedWith('bad-name'));
  await assert.rejects(castor.upload('user.ada.configs', join(home, 'nowhere')), refusedWith('bad-request'));
  await assert.rejects(castor.list('bob'), refusedWith('forbidden'));
  await assert.rejects(castor.delete('user.ada.none'), refusedWith('not-found'));
  await assert.rejects(castor.list('ada', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(castor.list('ada', { server: 'http://127.0.0.1:9' }), refusedWith('unauthenticated'));
  await assert.rejects(
    authenticate('ada', PASSWORD, { server: 'not an address' }),
    refusedWith('bad-request'),
  );
  await assert.rejects(
    authenticate('ada', PASSWORD, { server: 'http://127.0.0.1:9' }),
    refusedWith('unavailable'),
  );
});

/** A queue that runs jobs without containers: what is tried here is the way to the server and back. */
const PLAIN_QUEUE = { queues: [{ name: 'cpu_small', slots: 2, runtime: 'none' as const }] };

test('a task is created, followed to its end, and its outputs downloaded', async (t) => {
  const { home } = await clusterFor(t, PLAIN_QUEUE);
  await authenticate('ada', PASSWORD);
  const directory = join(home, 'numbers');
  mkdirSync(directory);
  for (const number of [1, 2, 3]) writeFileSync(join(directory, `${number}.txt`), `${number}\n`);
  await castor.upload('user.ada.numbers', directory);
  const name = 'user.ada.copy';
  const asked = { name, dataFile: 'user.ada.numbers', configFile: 'user.ada.numbers', image: 'any' };
  const exec = 'cat %DATA %IN > %OUT/both';
  await assert.rejects(task.create({ ...asked, exec: 'cat %IN > %OUT/both' }), refusedWith('unprocessable'));
  const dry = await task.create({ ...asked, exec, dryRun: true });
  assert.deepEqual(
    [dry.count, dry.jobs.map(({ input }) => input.split('/').at(-1))],
    [3, ['1.txt', '2.txt', '3.txt']],
  );
  assert.deepEqual(await task.list(), []);
  assert.equal((await task.create({ ...asked, exec })).count, 3);
  const seen: string[] = [];
  const ended = await task.wait(name, { onProgress: ({ state }) => seen.push(state) });
  assert.deepEqual([ended.endedAs, ended.jobs.done, seen.at(-1)], ['done', 3, 'done']);
  assert.deepEqual(await task.list('ada'), [name]);
  const output = await castor.download(name, { extract: true, output: join(home, 'out') });
  assert.equal(readFileSync(join(output, 'job_configId_2', 'both'), 'utf8'), '1\n3\n');
  await assert.rejects(task.kill(name), refusedWith('wrong-state'));
  await assert.rejects(castor.delete(name), refusedWith('in-use'));
  await task.delete(name);
  await assert.rejects(task.show(name), refusedWith('not-found'));
});

test('waiting for a task ends with the signal, and the task is killed only when it is asked for', async (t) => {
  const { home } = await clusterFor(t, PLAIN_QUEUE);
  await authenticate('ada', PASSWORD);
  writeFileSync(join(home, 'one'), '1');
  await castor.upload('user.ada.one', join(home, 'one'));
  const name = 'user.ada.long';
  const both = {
    dataFile: 'user.ada.one',
    configFile: 'user.ada.one',
    isDummyData: true,
    isDummyConfig: true,
  };
  await task.create({ name, ...both, image: 'any', exec: 'sleep 1000; echo %OUT' });
  const abort = new AbortController();
  const waiting = task.wait(name, { signal: abort.signal, onProgress: () => abort.abort() });
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.equal((await task.show(name)).endedAs, null);
  assert.deepEqual(await task.killAll(), [name]);
  assert.equal((await task.wait(name)).endedAs, 'killed');
});
