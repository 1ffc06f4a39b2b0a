import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { pack } from 'tar-stream';
import { makeOutputDataset } from '../../src/orchestra/server/datasets/output-dataset.ts';
import { serve } from '../../src/orchestra/server/main.ts';
import { openClusterStore } from '../../src/orchestra/server/state/store.ts';
import { userByName } from '../../src/orchestra/server/users/user.ts';
import { send, sha256, storeFiles } from '../orchestra/datasets/raw-uploads.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { makePlace } from './harness.ts';

async function makeCluster(t: TestContext) {
  const cluster = await servedCluster(t);
  const place = makePlace(t);
  await cluster.addUser('ada');
  const ada = await cluster.connectionOf('ada');
  const archive = join(place.directory, 'backup.tar');
  const restored = join(place.directory, 'restored');
  const backUp = (...more: string[]) =>
    place.maestro(['orchestra', 'backup', archive, '--data', cluster.data, ...more]);
  const restore = () => place.maestro(['orchestra', 'restore', archive, '--data', restored]);
  return { cluster, place, ada, archive, restored, backUp, restore };
}

/** The files of a dataset, by path, with their sizes and hashes. */
async function filesOf(data: string, token: string, dataset: string) {
  const server = await serve({ data, host: '127.0.0.1', port: 0, insecure: false });
  try {
    const { status, body } = await send({ server: server.url, token }, 'GET', `/datasets/${dataset}`);
    assert.equal(status, 200, JSON.stringify(body));
    const verified = await send({ server: server.url, token }, 'POST', `/datasets/${dataset}/verify`);
    assert.equal(verified.status, 200, JSON.stringify(verified.body));
    return (body as { contents: { path: string; size: number; sha256: string }[] }).contents;
  } finally {
    await server.close();
  }
}

describe('maestro orchestra backup', () => {
  it('is restored to the same users, datasets and outputs', async (t) => {
    const { cluster, ada, archive, restored, backUp, restore } = await makeCluster(t);
    await storeFiles(ada, 'user.ada.input', { 'a.txt': 'first', 'deep/er/b.txt': 'second', empty: '' });
    const { id } = userByName(cluster.cluster.store, 'ada')!;
    makeOutputDataset(cluster.cluster, { name: 'user.ada.task', owner: id });
    const job = join(cluster.data, 'volume', 'ada', 'user.ada.task', 'job_configId_0');
    mkdirSync(job, { recursive: true });
    writeFileSync(join(job, 'out.bin'), 'result', { mode: 0o700 });
    symlinkSync('out.bin', join(job, 'latest'));

    const made = await backUp('--json');
    assert.equal(made.code, 0, made.stderr);
    const report = JSON.parse(made.stdout) as { bytes: number; rotten: string[] };
    assert.equal(report.bytes, statSync(archive).size);
    assert.deepEqual(report.rotten, []);
    assert.equal(statSync(archive).mode & 0o777, 0o600);
    assert.ok(!readdirSync(cluster.data).some((name) => name.startsWith('.backup')));

    const result = await restore();
    assert.equal(result.code, 0, result.stderr);
    assert.equal(statSync(restored).mode & 0o777, 0o700);
    const files = await filesOf(restored, ada.token!, 'user.ada.input');
    assert.deepEqual(
      files.map(({ path, sha256 }) => [path, sha256]),
      [
        ['a.txt', sha256('first')],
        ['deep/er/b.txt', sha256('second')],
        ['empty', sha256('')],
      ],
    );
    const again = join(restored, 'volume', 'ada', 'user.ada.task', 'job_configId_0');
    assert.equal(readFileSync(join(again, 'latest'), 'utf8'), 'result');
    assert.equal(statSync(join(again, 'out.bin')).mode & 0o777, 0o700);
  });

  it('has every dataset whole or not at all, while users upload and delete', async (t) => {
    const { cluster, ada, restored, backUp, restore } = await makeCluster(t);
    const contents = (name: string) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, `${name} ${n} `.repeat(200)]));
    for (let n = 0; n < 10; n += 1) await storeFiles(ada, `user.ada.old${n}`, contents(`old${n}`));

    let isBackedUp = false;
    let stored = 0;
    const load = (async () => {
      for (; !isBackedUp; stored += 1) {
        const name = `user.ada.new${stored}`;
        const answer = await storeFiles(ada, name, contents(name));
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
        if (stored % 2 === 0) await send(ada, 'DELETE', `/datasets/${name}`);
      }
    })();
    const made = await backUp().finally(() => {
      isBackedUp = true;
    });
    await load;
    assert.equal(made.code, 0, made.stderr);
    assert.ok(stored > 0);
    await cluster.restart();

    const result = await restore();
    assert.equal(result.code, 0, result.stderr);
    const store = openClusterStore(restored);
    const names = store.prepare('SELECT name FROM dataset ORDER BY name').pluck().all() as string[];
    const counts = store
      .prepare(
        'SELECT count(file.path) FROM dataset LEFT JOIN file ON file.dataset = dataset.id GROUP BY dataset.id',
      )
      .pluck()
      .all();
    store.close();
    for (let n = 0; n < 10; n += 1) assert.ok(names.includes(`user.ada.old${n}`));
    assert.deepEqual(new Set(counts), new Set([20]));
    const [last = ''] = names.filter((name) => name.startsWith('user.ada.new')).slice(-1);
    if (last !== '') {
      const files = await filesOf(restored, ada.token!, last);
      assert.deepEqual(
        files.map(({ sha256 }) => sha256).sort(),
        Object.values(contents(last)).map(sha256).sort(),
      );
    }
  });

  it('names what has rotted, and so does the restoration', async (t) => {
    const { cluster, ada, restored, backUp, restore } = await makeCluster(t);
    await storeFiles(ada, 'user.ada.input', { good: 'good', bad: 'healthy' });
    const hash = sha256('healthy');
    const blob = join(cluster.data, 'blobs', hash.slice(0, 2), hash);
    truncateSync(blob);
    appendFileSync(blob, 'ill now');
    const made = await backUp();
    assert.equal(made.code, 1, made.stderr);
    assert.match(made.stderr, new RegExp(`rotten: the content ${hash}`));
    const result = await restore();
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /rotten: user\.ada\.input\/bad; upload it again/);
    assert.deepEqual(readdirSync(join(restored, 'quarantine')), [hash]);
  });

  it('refuses a file that is there, and one in the data directory', async (t) => {
    const { cluster, place, archive, backUp } = await makeCluster(t);
    writeFileSync(archive, 'precious');
    const there = await backUp();
    assert.equal(there.code, 1);
    assert.match(there.stderr, /backup\.tar is there already; name a file that is not there yet/);
    assert.equal(readFileSync(archive, 'utf8'), 'precious');
    const inside = await place.maestro([
      'orchestra',
      'backup',
      join(cluster.data, 'b.tar'),
      '--data',
      cluster.data,
    ]);
    assert.match(inside.stderr, /b\.tar lies in the data directory; keep backups elsewhere/);
  });
});

describe('maestro orchestra restore', () => {
  it('refuses a directory that is not empty', async (t) => {
    const { restored, backUp, restore } = await makeCluster(t);
    assert.equal((await backUp()).code, 0);
    mkdirSync(restored);
    writeFileSync(join(restored, 'mine'), '');
    const result = await restore();
    assert.equal(result.code, 1);
    assert.match(result.stderr, /restored is not empty; name a directory that is empty/);
    assert.deepEqual(readdirSync(restored), ['mine']);
  });

  it('leaves nothing of an archive that is cut short, changed, or none', async (t) => {
    const { place, ada, archive, backUp, restore } = await makeCluster(t);
    await storeFiles(ada, 'user.ada.input', { 'a.txt': 'wonderful content '.repeat(1000) });
    assert.equal((await backUp()).code, 0);
    const whole = readFileSync(archive);
    const at = whole.indexOf('wonderful content');
    assert.ok(at > 0);
    const changed = Buffer.from(whole);
    changed[at] = 'W'.charCodeAt(0);
    for (const [bytes, why] of [
      [whole.subarray(0, at + 100), /cannot be restored: .*; use another backup/],
      [changed, /"blobs\/[^"]*" in it is not what was backed up/],
      [Buffer.from('no archive at all '.repeat(100)), /cannot be restored: /],
      [Buffer.alloc(0), /it is no backup of a cluster, or is cut short/],
    ] as const) {
      writeFileSync(archive, bytes);
      const { code, stderr } = await restore();
      assert.equal(code, 1);
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /bug in maestro/);
      assert.deepEqual(
        readdirSync(place.directory).filter((name) => name.startsWith('restored')),
        [],
      );
    }
  });

  it('extracts nothing that leads out of the directory', async (t) => {
    const { archive, restore, place } = await makeCluster(t);
    const evil = [
      { name: '../out', type: 'file' },
      { name: 'volume/../../out', type: 'file' },
      { name: '/tmp/out', type: 'file' },
      { name: 'elsewhere/x', type: 'file' },
      { name: 'volume/link', type: 'symlink', linkname: '/etc' },
      { name: 'volume/hard', type: 'link', linkname: '/etc/passwd' },
      { name: 'volume/pipe', type: 'fifo' },
    ] as const;
    for (const header of evil) {
      const tar = pack();
      tar.entry(header, header.type === 'file' ? 'evil' : '');
      tar.finalize();
      writeFileSync(archive, await buffer(tar));
      const { code, stderr } = await restore();
      assert.equal(code, 1, header.name);
      assert.match(stderr, /cannot be restored: /);
      assert.deepEqual(
        readdirSync(place.directory).filter((name) => name !== 'backup.tar'),
        [],
      );
    }
  });
});
