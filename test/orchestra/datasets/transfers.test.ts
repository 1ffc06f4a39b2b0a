import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { datasetRoutes } from '../../../src/orchestra/api.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { downloadZip } from '../../../src/orchestra/client/datasets/download-zip.ts';
import { extractDataset } from '../../../src/orchestra/client/datasets/extract-dataset.ts';
import type { TransferProgress } from '../../../src/orchestra/client/datasets/transfer.ts';
import { uploadDataset } from '../../../src/orchestra/client/datasets/upload-dataset.ts';
import { verifyDataset } from '../../../src/orchestra/client/datasets/verify-dataset.ts';
import { Refusal } from '../../../src/orchestra/refusal.ts';
import { blobFile } from '../../../src/orchestra/server/datasets/blobs.ts';
import { makeOutputDataset } from '../../../src/orchestra/server/datasets/output-dataset.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { userByName } from '../../../src/orchestra/server/users/user.ts';
import { UserError } from '../../../src/shared/errors.ts';
import { servedCluster } from '../served-cluster.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { damageBlob } from './damage-blob.ts';
import { sha256, storeFiles } from './raw-uploads.ts';
import { filesIn, unzipped } from './unzipped.ts';

const dataset = 'user.ada.set';

/** A directory of the test's own. */
function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-transfer-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files below a directory and answers it. */
function tree(directory: string, files: Readonly<Record<string, Buffer | string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

/** A server with a user, and the user's connection. */
async function cluster(t: TestContext) {
  const served = await servedCluster(t);
  await served.addUser('ada');
  return { ...served, ada: await served.connectionOf('ada') };
}

const MIXED: Readonly<Record<string, Buffer | string>> = {
  empty: '',
  'a.txt': 'small',
  'deep/er/b.bin': randomBytes(256 * 1024),
  'deep/large.bin': randomBytes(3_000_001),
  'deep/😀 é': 'name',
};

test('a directory comes back as it was, as files and as a zip', async (t) => {
  const { ada } = await cluster(t);
  const here = scratch(t);
  const source = tree(join(here, 'source'), MIXED);
  const seen: TransferProgress[] = [];
  const uploaded = await uploadDataset(
    ada,
    { dataset, path: source },
    { onProgress: (now) => seen.push(now) },
  );
  const bytes = Object.values(MIXED).reduce((sum, content) => sum + content.length, 0);
  assert.deepEqual(uploaded, { files: 5, bytes, skipped: [] });
  assert.deepEqual(seen.at(-1), { files: 5, totalFiles: 5, bytes, totalBytes: bytes });

  const directory = join(here, 'extracted');
  await extractDataset(ada, { dataset, directory, mayReplace: false });
  assert.deepEqual(filesIn(directory), filesIn(source));

  const file = join(here, 'set.zip');
  await downloadZip(ada, { dataset, file, mayReplace: false });
  assert.deepEqual(unzipped(file), filesIn(source));
  assert.deepEqual(readdirSync(here).sort(), ['extracted', 'set.zip', 'source']);
  await assert.rejects(downloadZip(ada, { dataset, file, mayReplace: false }), UserError);
  await downloadZip(ada, { dataset, file, mayReplace: true });
});

test('an upload is repeated without sending again what is there, and refused where there is something else', async (t) => {
  const { ada } = await cluster(t);
  const source = tree(join(scratch(t), 'source'), MIXED);
  await uploadDataset(ada, { dataset, path: source });
  await uploadDataset(ada, { dataset, path: source });
  writeFileSync(join(source, 'deep/large.bin'), randomBytes(3_000_001));
  await assert.rejects(
    uploadDataset(ada, { dataset, path: source }),
    (error: Refusal) =>
      error instanceof Refusal && error.code === 'exists' && error.message.includes('large.bin'),
  );
});

test('what is no file is left out, and links to files count as these', async (t) => {
  const { ada } = await cluster(t);
  const here = scratch(t);
  const source = tree(join(here, 'source'), { real: 'content' });
  symlinkSync('real', join(source, 'link'));
  symlinkSync('nowhere', join(source, 'dangling'));
  symlinkSync('.', join(source, 'round'));
  const { files, skipped } = await uploadDataset(ada, { dataset, path: source });
  assert.equal(files, 2);
  assert.deepEqual(skipped, [join(source, 'dangling'), join(source, 'round')]);
  const { contents } = await call(ada, datasetRoutes.showDataset, { params: { dataset } });
  assert.deepEqual(
    contents.map(({ path, size }) => [path, size]),
    [
      ['link', 7],
      ['real', 7],
    ],
  );
});

test('uploads and downloads go on over connections that are cut again and again', async (t) => {
  const { ada, url } = await cluster(t);
  const here = scratch(t);
  const source = tree(join(here, 'source'), MIXED);
  // Whoever cannot reach a server at all is told at once, so that the first question has to come through.
  const up = await cuttingProxy(t, url, { cutAfterBytes: [2_000, 150_000, 700, 40_000, 1_300_000, 1, 900] });
  const down = await cuttingProxy(t, url, { cutAfterBytes: [5_000, 300_000, 1_000_000, 1, 1_700_000, 700] });
  const troubles: string[] = [];
  const options = { onTrouble: (why: string) => troubles.push(why) };
  await uploadDataset({ ...ada, server: up.url }, { dataset, path: source }, options);
  const directory = join(here, 'extracted');
  await extractDataset({ ...ada, server: down.url }, { dataset, directory, mayReplace: false }, options);
  assert.deepEqual(filesIn(directory), filesIn(source));
  assert.ok(troubles.length > 2, troubles.join('\n'));
  up.end();
  down.end();
});

test('a download goes on from the part that an earlier one has left', async (t) => {
  const { ada, url } = await cluster(t);
  const here = scratch(t);
  const content = randomBytes(3_000_000);
  await uploadDataset(ada, { dataset, path: tree(join(here, 'source'), { large: content }) });
  const proxy = await cuttingProxy(t, url, { cutAfterBytes: [1_000_000_000] });
  const directory = join(here, 'extracted');
  const stop = new AbortController();
  const onProgress = ({ bytes }: TransferProgress) => {
    if (bytes > 1_000_000) stop.abort(new Error('enough'));
  };
  const target = { dataset, directory, mayReplace: false };
  await assert.rejects(extractDataset(ada, target, { onProgress, signal: stop.signal }), /enough/);
  const [part] = readdirSync(directory);
  assert.match(part ?? '', /\.part$/);
  await extractDataset({ ...ada, server: proxy.url }, target);
  assert.deepEqual(readFileSync(join(directory, 'large')), content);
  assert.deepEqual(readdirSync(directory), ['large']);
  assert.ok(proxy.bytesToClient() < content.length, 'what was there was not sent again');
  proxy.end();
});

test('content that has rotted is found, quarantined, not served, and mended by the same file', async (t) => {
  const { ada, cluster: room } = await cluster(t);
  const here = scratch(t);
  const source = tree(join(here, 'source'), MIXED);
  await uploadDataset(ada, { dataset, path: source });
  await storeFiles(ada, 'user.ada.other', { same: 'small' });
  const large = sha256(MIXED['deep/large.bin'] ?? '');
  damageBlob(room.directory, sha256('small'));
  damageBlob(room.directory, large);
  rmSync(blobFile(room.directory, sha256('')));

  const { rotten, files } = await verifyDataset(ada, dataset);
  assert.deepEqual([files, rotten], [5, ['a.txt', 'deep/large.bin', 'empty']]);
  assert.ok(existsSync(join(room.directory.quarantine, large)));
  assert.ok(!existsSync(join(volumeDirectory(room.directory, 'user.ada.other'), 'same')));
  const file = join(here, 'set.zip');
  await assert.rejects(downloadZip(ada, { dataset, file, mayReplace: false }), /lost the content of a\.txt/);
  assert.ok(!existsSync(file));

  await uploadDataset(ada, { dataset, path: source });
  assert.deepEqual((await verifyDataset(ada, dataset)).rotten, []);
  assert.equal(
    readFileSync(join(volumeDirectory(room.directory, 'user.ada.other'), 'same'), 'utf8'),
    'small',
  );
  await downloadZip(ada, { dataset, file, mayReplace: false });
  assert.deepEqual(unzipped(file), filesIn(source));
});

test('the outputs of a task are downloaded, and no link in them is followed', async (t) => {
  const { ada, cluster: room } = await cluster(t);
  const here = scratch(t);
  const name = 'user.ada.task';
  makeOutputDataset(room, { name, owner: userByName(room.store, 'ada')!.id });
  const outputs = volumeDirectory(room.directory, name);
  const files = {
    'job_configId_0/x': 'zero',
    'job_configId_0.log': 'log',
    'job_configId_1/deep/x': 'one',
    'job_configId_1/e': '',
  };
  tree(outputs, files);
  const secret = join(here, 'secret');
  writeFileSync(secret, 'not theirs');
  symlinkSync(secret, join(outputs, 'job_configId_0/link'));
  symlinkSync(here, join(outputs, 'job_configId_1/directory'));
  symlinkSync('job_configId_0', join(outputs, 'job_configId_2'));
  writeFileSync(join(outputs, 'back\\slash'), 'a name that no dataset has');

  const directory = join(here, 'extracted');
  await extractDataset(ada, { dataset: name, directory, mayReplace: false });
  const expected = new Map(
    Object.entries(files)
      .sort()
      .map(([path, text]) => [path, sha256(text)]),
  );
  assert.deepEqual(filesIn(directory), expected);
  const file = join(here, 'task.zip');
  await downloadZip(ada, { dataset: name, file, mayReplace: false });
  assert.deepEqual(unzipped(file), expected);
  for (const path of [
    'job_configId_0/link',
    'job_configId_1/directory/secret',
    'job_configId_2/x',
    'job_configId_1',
  ]) {
    const { server, token } = ada;
    const url = `${server}/api/v1/datasets/${name}/file?path=${encodeURIComponent(path)}`;
    const { status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(status, 404, path);
  }
  await assert.rejects(
    call(ada, datasetRoutes.deleteDataset, { params: { dataset: name } }),
    /belongs to the task/,
  );
  await assert.rejects(uploadDataset(ada, { dataset: name, path: secret }), /belongs to the task/);
});

test('a server that names files elsewhere writes nothing here', async (t) => {
  const { ada, url } = await cluster(t);
  const here = scratch(t);
  await storeFiles(ada, dataset, { 'harmless-name': 'x' });
  const proxy = await cuttingProxy(t, url, { replace: ['harmless-name', '../../../evil'] });
  const directory = join(here, 'a/b/c');
  await assert.rejects(
    extractDataset({ ...ada, server: proxy.url }, { dataset, directory, mayReplace: true }),
    (error: Refusal) => error instanceof Refusal && error.code === 'bad-name',
  );
  assert.deepEqual(readdirSync(here), []);
});

test('a deleted dataset is gone, from the volume too', async (t) => {
  const { ada, cluster: room } = await cluster(t);
  await storeFiles(ada, dataset, { 'a/b': 'x' });
  await call(ada, datasetRoutes.deleteDataset, { params: { dataset } });
  assert.ok(!existsSync(volumeDirectory(room.directory, dataset)));
  await assert.rejects(call(ada, datasetRoutes.showDataset, { params: { dataset } }), /there is no dataset/);
  await storeFiles(ada, dataset, { a: 'where a directory was' });
});
