import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datasetByName } from '../../../../src/orchestra/server/datasets/dataset-rows.ts';
import { deleteDataset } from '../../../../src/orchestra/server/datasets/delete-dataset.ts';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { changeUser } from '../../../../src/orchestra/server/users/change-user.ts';
import { refused } from '../../refused.ts';
import { addDataset, newTask, tasksUnderTest } from '../tasks/tasks-under-test.ts';

test('a dataset is deleted once no task that has not ended reads it, as whatever it does', async (t) => {
  const { cluster, ada, orders, byAda, turn, stateOf } = tasksUnderTest(t);
  addDataset(cluster, ada, 'user.ada.reference', ['reference.h5']);
  const exec = 'fit %DATA %IN %OUT %REF';
  orders.create(byAda, newTask({ exec, secondary: { REF: 'user.ada.reference' } }));
  const asker = { actor: ada, address: '', request: '' };
  const names = ['user.ada.data', 'user.ada.configs', 'user.ada.reference'];
  for (const name of names) {
    assert.throws(
      () => deleteDataset(cluster, asker, name),
      refused('in-use', /the task user\.ada\.fit needs/),
    );
  }
  orders.kill(byAda, 'user.ada.fit');
  await turn();
  assert.equal(stateOf(), 'killed');
  for (const name of names) {
    deleteDataset(cluster, asker, name);
    assert.equal(datasetByName(cluster.store, name), undefined);
  }
});

test('what a user asks for who is deactivated before it is done is not done', async (t) => {
  const { cluster, ada, orders, byAda } = tasksUnderTest(t);
  const asker = { actor: ada, address: '', request: '' };
  changeUser(cluster, AT_CONSOLE, 'ada', { state: 'inactive' });
  const isRefused = refused('unauthenticated', /ada has been deactivated/);
  assert.throws(() => orders.create(byAda, newTask()), isRefused);
  assert.throws(() => deleteDataset(cluster, asker, 'user.ada.data'), isRefused);
  assert.ok(datasetByName(cluster.store, 'user.ada.data') !== undefined);
});
