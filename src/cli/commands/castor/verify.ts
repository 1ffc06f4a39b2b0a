import { Command } from '@oclif/core';
import { verifyDataset } from '../../../orchestra/client/datasets/verify-dataset.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { connect } from '../../cluster-connection.ts';
import { datasetArgs, datasetFlags, namedDataset } from '../../dataset-flags.ts';
import { interruptible } from '../../interruption.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { EXIT_ERROR } from '../../report.ts';
import { showTransfer } from '../../transfer-progress.ts';

export default class Verify extends Command {
  static override summary = 'Let the server read and hash the files of a dataset again.';

  static override description = prose`
Files whose content is not what was uploaded any more are named, and not served until the same files are uploaded again,
which mends them. Exit code 1 if there are any.`;

  static override examples = [
    { description: 'A dataset', command: '<%= config.bin %> castor verify user.ada.events' },
  ];

  static override args = datasetArgs;

  static override flags = datasetFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Verify);
    const dataset = namedDataset({ args, flags });
    const { json } = flags;
    const connection = connect(flags);
    const { end, ...shown } = showTransfer('verifying');
    const verified = await interruptible(async (signal) =>
      verifyDataset(connection, dataset, { ...shown, signal }),
    ).finally(end);
    const { files, bytes, rotten } = verified;
    if (json) print(JSON.stringify({ dataset, ...verified }));
    else print(...rotten.map((path) => `${path}: its content is lost; upload it again`), summary());
    return rotten.length === 0 ? 0 : EXIT_ERROR;

    function summary(): string {
      const verdict = rotten.length === 0 ? 'all sound' : `${rotten.length} lost`;
      return `${dataset}: ${files} ${files === 1 ? 'file' : 'files'}, ${sizeText(bytes)}, ${verdict}`;
    }
  }
}
