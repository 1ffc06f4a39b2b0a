import { Command } from '@oclif/core';
import { deleteDataset } from '../../../orchestra/api/datasets.ts';
import { call } from '../../../orchestra/client/call.ts';
import { ownerOfName } from '../../../orchestra/names.ts';
import { connect } from '../../cluster-connection.ts';
import { datasetFlags } from '../../dataset-flags.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class Delete extends Command {
  static override summary = 'Delete a dataset with its files.';

  static override description = prose`
Refused while a task that has not ended uses it. The outputs of a task are deleted with it: maestro task delete.`;

  static override examples = [
    { description: 'A dataset', command: '<%= config.bin %> castor delete -d user.ada.events' },
  ];

  static override flags = datasetFlags;

  override async run(): Promise<number> {
    const { flags } = await this.parse(Delete);
    const { dataset, json } = flags;
    ownerOfName(dataset, 'dataset');
    await call(connect(flags), deleteDataset, { params: { dataset } });
    print(json ? JSON.stringify({ deleted: dataset }) : `${dataset} is deleted`);
    return 0;
  }
}
