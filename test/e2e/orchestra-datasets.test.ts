import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cuttingProxy } from '../orchestra/datasets/cutting-proxy.ts';
import { damageBlob } from '../orchestra/datasets/damage-blob.ts';
import { sha256 } from '../orchestra/datasets/raw-uploads.ts';
import { filesIn, unzipped } from '../orchestra/datasets/unzipped.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { makePlace, signal } from './harness.ts';
import { until } from './until.ts';

const dataset = 'user.ada.set';

/** A cluster, and a user's home in which `maestro castor` works; `server` is where the commands think it is. */
async function makeHome(t: TestContext, server?: (url: string) => Promise<string>) {
  const cluster = await servedCluster(t);
  await cluster.addUser('ada', { password: 'correct horse' });
  const place = makePlace(t);
  const env = { HOME: place.directory, MAESTRO_SERVER: (await server?.(cluster.url)) ?? cluster.url };
  const login = await place.maestro(['authenticate', '-u', 'ada'], { env, input: 'correct horse\n' });
  assert.equal(login.code, 0, login.stderr);
  /** Runs `maestro castor`, which must succeed, and answers what it printed. */
  const castor = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await place.maestro(['castor', ...args], { env });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  return { cluster, place, env, castor };
}

describe('maestro castor', () => {
  it('uploads, lists, shows, downloads, verifies and deletes', async (t) => {
    const { cluster, place, env, castor } = await makeHome(t);
    mkdirSync(place.path('source/sub'), { recursive: true });
    writeFileSync(place.path('source/one'), 'one\n');
    writeFileSync(place.path('source/sub/two'), randomBytes(600_000));
    const uploaded = await castor('upload', '-d', dataset, '-p', 'source');
    assert.equal(uploaded, `${dataset}: 2 files, 585.9 KiB uploaded\n`);
    const table = await castor('list', '-u', 'ada');
    assert.match(table, /Username .* Dataset .* Files /);
    assert.match(table, /ada .* user\.ada\.set .* 2 .* 585\.9 KiB/);
    const shown = JSON.parse(await castor('show', '-d', dataset, '--json'));
    assert.equal(shown.contents[0].sha256, sha256('one\n'));
    assert.match(await castor('show', dataset), new RegExp(sha256('one\n')));

    await castor('download', '-d', dataset);
    assert.deepEqual(unzipped(place.path(`${dataset}.zip`)), filesIn(place.path('source')));
    const again = await place.maestro(['castor', 'download', '-d', dataset], { env });
    assert.deepEqual(
      [again.code, again.stderr],
      [1, `error: ${dataset}.zip is there already; replace it by --force\n`],
    );
    await castor('download', '-d', dataset, '-y');
    await castor('download', dataset, '--extract');
    assert.deepEqual(filesIn(place.path(dataset)), filesIn(place.path('source')));

    assert.equal(await castor('verify', dataset), `${dataset}: 2 files, 585.9 KiB, all sound\n`);
    damageBlob(cluster.cluster.directory, sha256('one\n'));
    const whole = await place.maestro(['orchestra', 'verify', '--data', cluster.data]);
    assert.equal(whole.code, 1, whole.stderr);
    assert.match(
      whole.stdout,
      /lost: [0-9a-f]{64}\n {2}user\.ada\.set one\n2 different contents, .*: 1 lost\n/,
    );
    await castor('delete', dataset);
    assert.deepEqual(JSON.parse(await castor('list', '--json')), []);
    const collected = await place.maestro(['orchestra', 'gc', '--data', cluster.data]);
    assert.equal(
      collected.stdout,
      'removed 0 contents (0 B) and 0 uploads that will not go on\n',
      collected.stderr,
    );
  });

  it('refuses names and paths before anything is sent', async (t) => {
    const { place, env } = await makeHome(t);
    const failing = async (...args: readonly string[]) => {
      const { code, stderr } = await place.maestro(['castor', ...args], { env });
      assert.equal(code, 1);
      return stderr;
    };
    writeFileSync(place.path('file'), 'x');
    assert.match(
      await failing('upload', '-d', 'mine', '-p', 'file'),
      /"mine" cannot be the name of a dataset; it must be/,
    );
    assert.match(await failing('upload', '-d', 'user.eve.x', '-p', 'file'), /belongs to eve/);
    assert.match(
      await failing('upload', '-d', dataset, '-p', 'nowhere'),
      /there is no file or directory nowhere/,
    );
    mkdirSync(place.path('empty'));
    assert.match(await failing('upload', '-d', dataset, '-p', 'empty'), /there are no files in empty/);
    assert.match(await failing('download', '-d', dataset), /there is no dataset user\.ada\.set/);
    assert.match(await failing('show', dataset), /there is no dataset user\.ada\.set/);
    assert.match(await failing('show'), /no dataset is named/);
    assert.match(await failing('show', 'mine'), /"mine" cannot be the name of a dataset/);
    const two = await failing('delete', dataset, '-d', 'user.ada.other');
    assert.match(two, /two datasets are named: user\.ada\.set and user\.ada\.other/);
  });

  it('goes on with an upload whose command was killed', async (t) => {
    const size = 40_000_000;
    let proxy: Awaited<ReturnType<typeof cuttingProxy>> | undefined;
    const { place, env, castor, cluster } = await makeHome(t, async (url) => {
      proxy = await cuttingProxy(t, url, { holdAfterBytes: size / 2 });
      return proxy.url;
    });
    writeFileSync(place.path('large'), randomBytes(size));
    const upload = place.start(['castor', 'upload', '-d', dataset, '-p', 'large'], { env });
    await until('half of it has been sent', () => proxy?.isHolding());
    assert.ok(signal(upload.pid, 'SIGKILL'));
    await upload.ended;
    const gathering = join(cluster.data, 'uploads/resumable');
    const [id] = readdirSync(gathering);
    await until('the server has written it', () => statSync(join(gathering, id!)).size > size / 4);
    const before = proxy?.bytesToServer() ?? 0;
    await castor('upload', '-d', dataset, '-p', 'large');
    const sent = (proxy?.bytesToServer() ?? 0) - before;
    assert.ok(sent < size * 0.8, `${sent} bytes were sent again`);
    const shown = readFileSync(join(cluster.data, 'volume/ada', dataset, 'large'));
    assert.equal(sha256(shown), sha256(readFileSync(place.path('large'))));
    assert.deepEqual(readdirSync(gathering), []);
    proxy?.end();
  });
});
