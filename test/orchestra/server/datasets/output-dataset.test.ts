import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import {
  datasetByName,
  datasetsOf,
  filesOf,
  firstFile,
} from '../../../../src/orchestra/server/datasets/dataset-rows.ts';
import {
  makeOutputDataset,
  removeOutputDataset,
} from '../../../../src/orchestra/server/datasets/output-dataset.ts';
import { volumeDirectory } from '../../../../src/orchestra/server/datasets/volume.ts';
import { addUserRow, type TemporaryCluster, temporaryCluster } from '../temporary-cluster.ts';

describe('the dataset of a task', () => {
  let cluster: TemporaryCluster;
  let owner: number;
  before(() => {
    cluster = temporaryCluster();
    owner = addUserRow(cluster, 'ada').id;
  });
  after(() => cluster.remove());

  it('is made with an empty directory on the volume', () => {
    const name = 'user.ada.made';
    const id = makeOutputDataset(cluster, { name, owner });
    const dataset = datasetByName(cluster.store, name);
    assert.deepEqual(
      { ...dataset, createdAt: 0 },
      { id, name, owner: 'ada', ownerId: owner, kind: 'outputs', createdAt: 0 },
    );
    assert.ok(existsSync(volumeDirectory(cluster.directory, name)));
    assert.deepEqual(filesOf(cluster.store, id), []);
    assert.equal(firstFile(cluster.store, id), undefined);
    assert.deepEqual(datasetsOf(cluster.store, owner), [dataset]);
  });

  it('is refused where there is one of the name', () => {
    const name = 'user.ada.twice';
    makeOutputDataset(cluster, { name, owner });
    assert.throws(
      () => makeOutputDataset(cluster, { name, owner }),
      (error: Refusal) => error instanceof Refusal && error.code === 'exists',
    );
  });

  it('goes with its files once the transaction that removes it is through', async () => {
    const name = 'user.ada.gone';
    makeOutputDataset(cluster, { name, owner });
    const file = join(volumeDirectory(cluster.directory, name), 'result');
    writeFileSync(file, 'x');
    cluster.store.transaction(() => {
      removeOutputDataset(cluster, name);
      assert.ok(existsSync(file), 'files stay until the removal is recorded');
    })();
    await null;
    assert.equal(datasetByName(cluster.store, name), undefined);
    assert.ok(!existsSync(volumeDirectory(cluster.directory, name)));
  });

  it('stays with its files where that transaction is rolled back', async () => {
    const name = 'user.ada.kept';
    makeOutputDataset(cluster, { name, owner });
    const file = join(volumeDirectory(cluster.directory, name), 'result');
    writeFileSync(file, 'x');
    const fails = cluster.store.transaction(() => {
      removeOutputDataset(cluster, name);
      throw new Error('not removed');
    });
    assert.throws(fails, /not removed/);
    await null;
    assert.ok(existsSync(file));
    assert.notEqual(datasetByName(cluster.store, name), undefined);
  });

  it('has no name that leads out of the volume', () => {
    for (const name of ['user.ada./../../x', 'user.../x', 'volume', 'user.ada.', '']) {
      assert.throws(() => volumeDirectory(cluster.directory, name), Refusal, name);
    }
  });
});
