import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { datasetRoutes } from '../../../src/orchestra/api.ts';
import { type Connection, call } from '../../../src/orchestra/client/call.ts';
import { blobFile } from '../../../src/orchestra/server/datasets/blobs.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { until } from '../../e2e/until.ts';
import { servedCluster } from '../served-cluster.ts';
import {
  abandon,
  announce,
  append,
  finish,
  offsetOf,
  packOf,
  send,
  sha256,
  storeFiles,
} from './raw-uploads.ts';

const dataset = 'user.ada.set';

async function contents(connection: Connection, name = dataset) {
  return (await call(connection, datasetRoutes.showDataset, { params: { dataset: name } })).contents;
}

test('a file that comes in pieces is stored once it is whole and its hash is right', async (t) => {
  const { cluster, addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const content = randomBytes(300_000);
  const path = 'deep/in/it/file.bin';
  const { status, location } = await announce(ada, { dataset, path, size: content.length });
  assert.equal(status, 201);
  assert.equal((await append(ada, location, 0, content.subarray(0, 100_000))).status, 204);
  assert.equal(await offsetOf(ada, location), 100_000);

  const early = await finish(ada, location, { dataset, path, sha256: sha256(content) });
  assert.equal(early.body.error.code, 'bad-content', 'not before it is whole');
  assert.deepEqual(await call(ada, datasetRoutes.listDatasets, { query: {} }), [], 'nothing is shown yet');
  assert.ok(!existsSync(volumeDirectory(cluster.directory, dataset)));

  assert.equal((await append(ada, location, 100_000, content.subarray(100_000))).status, 204);
  const wanted = { dataset, path, sha256: sha256(content) };
  assert.equal((await finish(ada, location, wanted)).status, 204);
  assert.equal((await finish(ada, location, wanted)).status, 204, 'the answer may have been lost');
  const [file, ...others] = await contents(ada);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...file, uploadedAt: 0 },
    { path, size: content.length, sha256: sha256(content), uploadedAt: 0, rotten: false },
  );
  const shown = join(volumeDirectory(cluster.directory, dataset), path);
  assert.deepEqual(readFileSync(shown), content);
  assert.equal(statSync(shown).ino, statSync(blobFile(cluster.directory, sha256(content))).ino);
  assert.equal(statSync(shown).mode & 0o777, 0o444);
  assert.deepEqual(readdirSync(join(cluster.directory.uploads, 'resumable')), []);
});

test('an upload goes on after the server has stopped and started', async (t) => {
  const { addUser, connectionOf, restart } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const content = randomBytes(200_000);
  const { location } = await announce(ada, { dataset, path: 'x', size: content.length });
  await append(ada, location, 0, content.subarray(0, 150_001));
  await restart();
  assert.equal(await offsetOf(ada, location), 150_001);
  await append(ada, location, 150_001, content.subarray(150_001));
  await restart();
  assert.equal((await finish(ada, location, { dataset, path: 'x', sha256: sha256(content) })).status, 204);
  assert.equal((await contents(ada))[0]?.sha256, sha256(content));
});

test('what came before a connection broke is kept', async (t) => {
  const { addUser, connectionOf, url } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const content = randomBytes(2_000_000);
  const { location } = await announce(ada, { dataset, path: 'x', size: content.length });
  let offset = 0;
  for (const cut of [1, 70_000, 999_999, 1_500_000]) {
    const sending = request(new URL(location, url), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${ada.token}`,
        'tus-resumable': '1.0.0',
        'upload-offset': offset,
        'content-type': 'application/offset+octet-stream',
        'content-length': content.length - offset,
      },
    });
    sending.on('error', () => {});
    await new Promise<void>((sent) => sending.write(content.subarray(offset, cut), () => sent()));
    const closed = new Promise((resolve) => sending.on('close', resolve));
    sending.destroy();
    await closed;
    // Whatever of it the kernel had passed on: never more than was sent, and never less than was there before.
    const now = await offsetOf(ada, location);
    assert.ok(now !== undefined && now >= offset && now <= cut, `${now} of ${cut}`);
    offset = now;
  }
  assert.equal((await append(ada, location, offset, content.subarray(offset))).status, 204);
  assert.equal((await finish(ada, location, { dataset, path: 'x', sha256: sha256(content) })).status, 204);
});

test('whoever goes on with an upload cuts off a connection that has gone silent', async (t) => {
  const { addUser, connectionOf, url, cluster } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const size = 5_000_000;
  const { location } = await announce(ada, { dataset, path: 'x', size });
  const silent = request(new URL(location, url), {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${ada.token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': 0,
      'content-type': 'application/offset+octet-stream',
      'content-length': size,
    },
  });
  silent.on('error', () => {});
  silent.write(Buffer.alloc(2_000_000));
  const gathering = join(cluster.directory.uploads, 'resumable', location.split('/').pop()!);
  const closed = new Promise((resolve) => silent.on('close', resolve));
  await until('the first bytes are there', () => statSync(gathering).size > 0);
  const offset = (await offsetOf(ada, location)) ?? assert.fail();
  await closed;
  assert.ok(offset > 0 && offset <= 2_000_000, String(offset));
  assert.equal((await append(ada, location, offset, Buffer.alloc(size - offset))).status, 204);
});

test('wrong hashes, lengths and offsets are refused, and leave nothing in the dataset', async (t) => {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const { location } = await announce(ada, { dataset, path: 'x', size: 5 });
  assert.equal((await append(ada, location, 3, 'de')).status, 409, 'an offset that is not reached');
  assert.equal(
    (await append(ada, location, 0, 'abcdefgh')).body.error.code,
    'bad-content',
    'more than announced',
  );
  const offset = (await offsetOf(ada, location)) ?? assert.fail();
  await append(ada, location, offset, 'abcde'.slice(offset));
  const other = await finish(ada, location, { dataset, path: 'y', sha256: sha256('abcde') });
  assert.equal(other.body.error.code, 'bad-request', 'another path than announced');
  const damaged = await finish(ada, location, { dataset, path: 'x', sha256: sha256('abcdf') });
  assert.equal(damaged.body.error.code, 'bad-content');
  assert.equal(await offsetOf(ada, location), undefined, 'an upload of a wrong hash is over');
  assert.deepEqual(await call(ada, datasetRoutes.listDatasets, { query: {} }), []);
  assert.deepEqual(readdirSync(cluster.directory.volume), []);

  for (const size of ['', '-1', '1e3', 'x', '9'.repeat(20)]) {
    const answer = await send(ada, 'POST', '/uploads', {
      headers: { 'tus-resumable': '1.0.0', 'upload-length': size },
    });
    assert.equal(answer.status, 400, size);
  }
});

test('an upload that is given up is gone', async (t) => {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const { location } = await announce(ada, { dataset, path: 'x', size: 5 });
  await append(ada, location, 0, 'ab');
  assert.equal((await abandon(ada, location)).status, 204);
  assert.equal(await offsetOf(ada, location), undefined);
  assert.deepEqual(readdirSync(join(cluster.directory.uploads, 'resumable')), []);
});

test('the same content under the same path may be sent again, other content may not', async (t) => {
  const { addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  assert.deepEqual((await storeFiles(ada, dataset, { 'a/b': 'one', c: 'two' })).body, { stored: 2 });
  assert.deepEqual((await storeFiles(ada, dataset, { 'a/b': 'one', d: 'three' })).body, { stored: 2 });
  assert.equal((await storeFiles(ada, dataset, { e: 'four', 'a/b': 'other' })).body.error.code, 'exists');
  assert.equal((await storeFiles(ada, dataset, { a: 'a directory' })).body.error.code, 'exists');
  assert.equal((await storeFiles(ada, dataset, { 'c/d/e': 'below a file' })).body.error.code, 'exists');
  assert.deepEqual(
    (await contents(ada)).map(({ path }) => path),
    ['a/b', 'c', 'd'],
    'a pack is stored whole or not at all',
  );
});

test('uploads of one path at the same time end in one file', async (t) => {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const outcomes = await Promise.all(
    ['same', 'same', 'same', 'other'].map(async (text) => {
      const { location } = await announce(ada, { dataset, path: 'x', size: text.length });
      await append(ada, location, 0, text);
      return {
        text,
        status: (await finish(ada, location, { dataset, path: 'x', sha256: sha256(text) })).status,
      };
    }),
  );
  const shown = readFileSync(join(volumeDirectory(cluster.directory, dataset), 'x'), 'utf8');
  for (const { text, status } of outcomes) assert.equal(status, text === shown ? 204 : 409, text);
  assert.equal((await contents(ada))[0]?.sha256, sha256(shown));
});

test('names that lead elsewhere, or that no file system takes, are refused', async (t) => {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const bad = [
    '../x',
    '/etc/passwd',
    'a/../../x',
    'a//b',
    './a',
    'a/.',
    'a\\..\\b',
    'a\0b',
    'x\n',
    '',
    'n'.repeat(300),
  ];
  for (const path of bad) {
    assert.equal((await storeFiles(ada, dataset, { [path]: 'x' })).body.error.code, 'bad-name', path);
    const announced = await announce(ada, { dataset, path, size: 1 });
    assert.equal(announced.body.error.code, 'bad-name', path);
  }
  for (const name of [
    'user.ada.',
    'user.ada.%2e%2e',
    'ada',
    'user.ada.a%2fb',
    `user.ada.${'n'.repeat(200)}`,
  ]) {
    assert.equal((await storeFiles(ada, name, { x: 'x' })).status, 400, name);
  }
  assert.deepEqual(readdirSync(cluster.directory.volume), []);
  const sound = { File: '1', file: '2', '😀/ é.txt': '3', 'a b$(c)`d`': '4', [`${'d'.repeat(255)}/x`]: '5' };
  assert.equal((await storeFiles(ada, dataset, sound)).status, 200);
  for (const [path, text] of Object.entries(sound)) {
    assert.equal(readFileSync(join(volumeDirectory(cluster.directory, dataset), path), 'utf8'), text);
  }
});

test('nobody reaches into the datasets and uploads of another', async (t) => {
  const { addUser, connectionOf, url } = await servedCluster(t);
  await addUser('ada');
  await addUser('eve');
  await addUser('root1', { role: 'admin' });
  const [ada, eve, admin] = await Promise.all(['ada', 'eve', 'root1'].map(connectionOf));
  await storeFiles(ada!, dataset, { x: 'mine' });
  const { location } = await announce(ada!, { dataset, path: 'y', size: 2 });
  assert.equal((await storeFiles(eve!, dataset, { z: 'x' })).body.error.code, 'forbidden');
  assert.equal((await announce(eve!, { dataset, path: 'z', size: 1 })).body.error.code, 'forbidden');
  assert.equal(await offsetOf(eve!, location), undefined);
  assert.equal((await append(eve!, location, 0, 'ab')).status, 404);
  assert.equal((await abandon(eve!, location)).status, 404);
  for (const path of ['', '/zip', '/file?path=x']) {
    assert.equal((await send(eve!, 'GET', `/datasets/${dataset}${path}`)).status, 403, path);
    assert.equal((await send({ server: url }, 'GET', `/datasets/${dataset}${path}`)).status, 401, path);
  }
  assert.equal((await send(eve!, 'DELETE', `/datasets/${dataset}`)).status, 403);
  assert.equal((await send(eve!, 'POST', `/datasets/${dataset}/verify`)).status, 403);
  assert.equal((await send(eve!, 'GET', '/datasets?user=ada')).status, 403);
  assert.equal(await offsetOf(ada!, location), 0);
  assert.equal((await storeFiles(admin!, dataset, { z: 'by the administrator' })).status, 200);
});

test('quotas and the largest size hold, when a file is announced and when it is stored', async (t) => {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  await addUser('ada');
  cluster.store.prepare('UPDATE user SET storage_quota = 10').run();
  const ada = await connectionOf('ada');
  assert.equal((await announce(ada, { dataset, path: 'x', size: 11 })).body.error.code, 'quota-exceeded');
  assert.equal((await announce(ada, { dataset, path: 'x', size: 2 ** 42 })).body.error.code, 'too-large');
  const { location } = await announce(ada, { dataset, path: 'x', size: 6 });
  assert.equal((await announce(ada, { dataset, path: 'y', size: 6 })).body.error.code, 'quota-exceeded');
  assert.equal((await announce(ada, { dataset, path: 'x', size: 6 })).status, 201, 'the same file again');
  await storeFiles(ada, dataset, { z: '12345' });
  await append(ada, location, 0, 'abcdef');
  const end = await finish(ada, location, { dataset, path: 'x', sha256: sha256('abcdef') });
  assert.equal(end.body.error.code, 'quota-exceeded');
  assert.equal((await storeFiles(ada, dataset, { w: '123456' })).body.error.code, 'quota-exceeded');
  assert.deepEqual(
    (await contents(ada)).map(({ path }) => path),
    ['z'],
  );
});

test('packs that are cut, malformed or too large are refused', async (t) => {
  const { addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const pack = packOf({ a: 'one', b: 'two' });
  const post = async (body: Buffer) =>
    await send(ada, 'POST', `/datasets/${dataset}/files`, {
      headers: { 'content-type': 'application/vnd.maestro.files' },
      body,
    });
  for (let cut = 0; cut < pack.length; cut += 7) {
    assert.equal((await post(pack.subarray(0, cut))).body.error.code, 'bad-content', `cut at ${cut}`);
  }
  assert.equal((await post(Buffer.concat([pack, Buffer.from('x')]))).body.error.code, 'bad-content');
  const damaged = Buffer.from(pack);
  damaged[damaged.length - 5] = 0;
  assert.equal((await post(damaged)).body.error.code, 'bad-content');
  const twice = Buffer.concat([packOf({ a: '1' }).subarray(0, -4), packOf({ a: '1' })]);
  assert.equal((await post(twice)).body.error.code, 'bad-content');
  assert.deepEqual(await call(ada, datasetRoutes.listDatasets, { query: {} }), []);
});
