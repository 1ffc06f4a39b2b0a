import { Command } from '@oclif/core';
import { deleteDataset } from '../../../orchestra/api/datasets.ts';
import { call } from '../../../orchestra/client/call.ts';
import { connect } from '../../cluster-connection.ts';
import { datasetArgs, datasetFlags, namedDataset } from '../../dataset-flags.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class Delete extends Command {
  static override summary = 'Delete a dataset with its files.';

  static override description = prose`
Refused while a task that has not ended uses it. The outputs of a task are deleted with it: maestro task delete.`;

  static override examples = [
    { description: 'A dataset', command: '<%= config.bin %> castor delete user.ada.events' },
  ];

  static override args = datasetArgs;

  static override flags = datasetFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Delete);
    const dataset = namedDataset({ args, flags });
    const { json } = flags;
    await call(connect(flags), deleteDataset, { params: { dataset } });
    print(json ? JSON.stringify({ deleted: dataset }) : `${dataset} is deleted`);
    return 0;
  }
}
