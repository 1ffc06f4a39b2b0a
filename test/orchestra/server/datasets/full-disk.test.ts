import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { PACK_END, packFile } from '../../../../src/orchestra/file-pack.ts';
import { datasetByName } from '../../../../src/orchestra/server/datasets/dataset-rows.ts';
import { prepareDatasets } from '../../../../src/orchestra/server/datasets/prepare-datasets.ts';
import { storePack } from '../../../../src/orchestra/server/datasets/store-pack.ts';
import { createUploads } from '../../../../src/orchestra/server/datasets/uploads.ts';
import { volumeDirectory } from '../../../../src/orchestra/server/datasets/volume.ts';
import { asRefusal } from '../../../../src/orchestra/server/http/errors.ts';
import { makePlace, noMounts } from '../../../e2e/harness.ts';
import { sha256 } from '../../datasets/raw-uploads.ts';
import { refused } from '../../refused.ts';
import { addUserRow, temporaryCluster } from '../temporary-cluster.ts';

const MIB = 1024 * 1024;

/** Whether the server would answer that it cannot do it now. */
function isUnavailable(error: unknown): boolean {
  return refused('unavailable', /disk of the server is full/)(asRefusal(error));
}

test('a disk that is full ends no upload: it goes on when there is room', { skip: noMounts() }, async (t) => {
  const mount = makePlace(t).mountTiny('disk', 24);
  const cluster = temporaryCluster(mount);
  try {
    cluster.config.limits.freeMiB = 0;
    prepareDatasets(cluster);
    const actor = addUserRow(cluster, 'ada');
    const asker = { actor, address: '127.0.0.1', request: 'r' };
    const uploads = createUploads(cluster);
    const content = randomBytes(8 * MIB);
    const announced = { dataset: 'user.ada.set', path: 'large' };
    await assert.rejects(uploads.announce(actor, { ...announced, size: 64 * MIB }), isUnavailable);
    const id = await uploads.announce(actor, { ...announced, size: content.length });

    const { bavail, bsize } = statfsSync(mount);
    const ballast = join(mount, 'ballast');
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 4 * MIB));
    await assert.rejects(uploads.append(actor, id, 0, Readable.from([content])), isUnavailable);
    const { offset } = await uploads.progress(actor, id);
    assert.ok(offset < content.length);
    const small = randomBytes(200_000);
    const pack = [packFile({ path: 'small', sha256: sha256(small), content: small }), PACK_END];
    await assert.rejects(storePack(cluster, asker, announced.dataset, Readable.from(pack)), isUnavailable);
    assert.equal(datasetByName(cluster.store, announced.dataset), undefined);
    assert.deepEqual(readdirSync(join(cluster.directory.uploads, 'staged')), []);

    rmSync(ballast);
    await uploads.append(actor, id, offset, Readable.from([content.subarray(offset)]));
    await uploads.finish(asker, id, { ...announced, sha256: sha256(content) });
    assert.equal(await storePack(cluster, asker, announced.dataset, Readable.from(pack)), 1);
    const root = volumeDirectory(cluster.directory, announced.dataset);
    assert.deepEqual(readFileSync(join(root, 'large')), content);
    assert.deepEqual(readFileSync(join(root, 'small')), small);
  } finally {
    cluster.remove();
  }
});
