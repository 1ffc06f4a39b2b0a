import { mkdirSync } from 'node:fs';
import { ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { datasetByName } from './dataset-rows.ts';
import { throwAway } from './trash.ts';
import { volumeDirectory } from './volume.ts';

/**
 * Makes the dataset that a task of this name puts its outputs into, and its empty directory on the volume; answers
 * its id. `owner` is the id of the user in the name. To be called in the transaction that makes the task. Throws
 * a Refusal where there is a dataset of that name.
 */
export function makeOutputDataset(
  { store, directory, clock }: Pick<Cluster, 'store' | 'directory' | 'clock'>,
  { name, owner }: { readonly name: string; readonly owner: number },
): number {
  ownerOfName(name, 'task');
  if (datasetByName(store, name) !== undefined) {
    throw new Refusal('exists', `there is a dataset ${name} already`, 'give the task another name');
  }
  const { lastInsertRowid } = store
    .prepare(`INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, 'outputs', ?)`)
    .run(name, owner, clock.now());
  // The directory is worth no transaction of its own: one without a dataset is swept at the next start.
  mkdirSync(volumeDirectory(directory, name), { recursive: true, mode: 0o700 });
  return Number(lastInsertRowid);
}

/**
 * Removes the dataset of a task with all its outputs. To be called in the transaction that removes the task, and
 * behind that: the files go when the transaction has been committed, and stay if it is rolled back.
 */
export function removeOutputDataset(cluster: Cluster, name: string): void {
  const { store, directory } = cluster;
  store.prepare(`DELETE FROM dataset WHERE name = ? AND kind = 'outputs'`).run(name);
  // Transactions are synchronous, so that this one has ended when the microtask runs, and nobody else has begun.
  queueMicrotask(() => {
    try {
      if (datasetByName(store, name) === undefined) throwAway(cluster, volumeDirectory(directory, name));
    } catch (err) {
      // The next start sweeps it.
      cluster.log.error({ err, dataset: name }, 'the outputs of a removed task could not be thrown away');
    }
  });
}
