import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { taskThatUses } from '../tasks/task-row.ts';
import { type Asker, auditDataset } from './asker.ts';
import { datasetFor } from './contents.ts';
import { throwAway } from './trash.ts';
import { volumeDirectory } from './volume.ts';

/**
 * Deletes a dataset of uploaded files. Throws a Refusal where a task that has not ended uses it, and for the
 * outputs of a task, which go with the task. Content that no other file has is collected later.
 */
export function deleteDataset(cluster: Cluster, asker: Asker, name: string): void {
  const { store, directory } = cluster;
  store
    .transaction(() => {
      const dataset = datasetFor(cluster, asker.actor, name);
      if (dataset.kind === 'outputs') {
        const mend = `maestro task delete -t ${name} deletes both`;
        throw new Refusal('in-use', `${name} belongs to the task of that name`, mend);
      }
      const task = taskThatUses(store, name);
      if (task !== undefined) {
        throw new Refusal('in-use', `the task ${task} needs ${name}`, 'wait for its end, or kill it');
      }
      statement(store, 'DELETE FROM dataset WHERE id = ?').run(dataset.id);
      auditDataset(cluster, asker, 'dataset.delete', name);
    })
    .immediate();
  throwAway(cluster, volumeDirectory(directory, name));
}
