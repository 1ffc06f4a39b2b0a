import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { datasetRoutes } from '../../../src/orchestra/api.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { blobFile } from '../../../src/orchestra/server/datasets/blobs.ts';
import { collectGarbage } from '../../../src/orchestra/server/datasets/collect-garbage.ts';
import { repairVolume } from '../../../src/orchestra/server/datasets/repair-volume.ts';
import { verifyStore } from '../../../src/orchestra/server/datasets/verify-store.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { servedCluster } from '../served-cluster.ts';
import { damageBlob } from './damage-blob.ts';
import { announce, append, offsetOf, sha256, storeFiles } from './raw-uploads.ts';

const HOUR_MS = 3_600_000;

test('what no dataset needs is collected after a while, and nothing else, while the server runs', async (t) => {
  const { cluster, addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  await storeFiles(ada, 'user.ada.one', { a: 'only here', b: 'in both' });
  await storeFiles(ada, 'user.ada.two', { b: 'in both' });
  const { location: fresh } = await announce(ada, { dataset: 'user.ada.two', path: 'c', size: 9 });
  const { location: stale } = await announce(ada, { dataset: 'user.ada.two', path: 'd', size: 9 });
  await append(ada, stale, 0, 'abc');
  const file = join(cluster.directory.uploads, 'resumable', stale.split('/').pop()!);
  utimesSync(file, 0, 0);
  const stray = sha256('stray');
  writeFileSync(blobFile(cluster.directory, stray), 'stray');
  await call(ada, datasetRoutes.deleteDataset, { params: { dataset: 'user.ada.one' } });

  const soon = await collectGarbage(cluster);
  assert.deepEqual([soon.blobs, soon.uploads], [0, 1], 'what was stored just now stays');
  const later = { ...cluster, clock: { ...cluster.clock, now: () => Date.now() + 2 * HOUR_MS } };
  assert.deepEqual(await collectGarbage(later), { blobs: 2, bytes: 14, uploads: 0, directories: 0 });
  assert.ok(!existsSync(blobFile(cluster.directory, sha256('only here'))));
  assert.ok(!existsSync(blobFile(cluster.directory, stray)));
  assert.equal(readFileSync(blobFile(cluster.directory, sha256('in both')), 'utf8'), 'in both');
  assert.equal(await offsetOf(ada, stale), undefined);
  assert.equal(await offsetOf(ada, fresh), 0);
  assert.equal((await storeFiles(ada, 'user.ada.one', { a: 'only here' })).status, 200, 'it can come again');
});

test('everything is read again, and what is lost is told with the files that had it', async (t) => {
  const { cluster, addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  await storeFiles(ada, 'user.ada.one', { a: 'one', b: 'two' });
  await storeFiles(ada, 'user.ada.two', { 'x/y': 'two' });
  assert.deepEqual(await verifyStore(cluster), { blobs: 2, bytes: 6, lost: [] });
  damageBlob(cluster.directory, sha256('two'));
  const lost = [
    {
      sha256: sha256('two'),
      files: [
        { name: 'user.ada.one', path: 'b' },
        { name: 'user.ada.two', path: 'x/y' },
      ],
    },
  ];
  assert.deepEqual(await verifyStore(cluster), { blobs: 2, bytes: 6, lost });
  assert.deepEqual(await verifyStore(cluster), { blobs: 2, bytes: 6, lost }, 'until it is mended');
  assert.deepEqual(readdirSync(cluster.directory.quarantine), [sha256('two')]);
});

test('the volume is made to show what the store says', async (t) => {
  const { cluster, addUser, connectionOf } = await servedCluster(t);
  await addUser('ada');
  const ada = await connectionOf('ada');
  const dataset = 'user.ada.one';
  await storeFiles(ada, dataset, { a: 'one', 'b/c': 'two', 'b/d': 'three', e: 'four' });
  const root = volumeDirectory(cluster.directory, dataset);
  assert.deepEqual(repairVolume(cluster), { shown: 0, removed: 0 });
  rmSync(join(root, 'a'));
  rmSync(join(root, 'b'), { recursive: true });
  writeFileSync(join(root, 'b'), 'a file where a directory was');
  rmSync(join(root, 'e'));
  writeFileSync(join(root, 'e'), 'cut');
  writeFileSync(join(root, 'unknown'), 'never acknowledged');
  mkdirSync(join(cluster.directory.volume, 'ada/user.ada.unknown'));
  writeFileSync(join(cluster.directory.volume, '.part'), 'of a copy');
  assert.deepEqual(repairVolume(cluster), { shown: 4, removed: 4 });
  for (const [path, text] of Object.entries({ a: 'one', 'b/c': 'two', 'b/d': 'three', e: 'four' })) {
    assert.equal(readFileSync(join(root, path), 'utf8'), text);
  }
  assert.deepEqual(readdirSync(root).sort(), ['a', 'b', 'e']);
  assert.deepEqual(readdirSync(cluster.directory.volume), ['ada']);
  assert.deepEqual(repairVolume(cluster), { shown: 0, removed: 0 });
});
