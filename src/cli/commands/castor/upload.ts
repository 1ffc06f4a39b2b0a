import { dirname, join } from 'node:path';
import { Command, Flags } from '@oclif/core';
import { uploadDataset } from '../../../orchestra/client/datasets/upload-dataset.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { registryDirectory } from '../../../shared/status/registry.ts';
import { connect } from '../../cluster-connection.ts';
import { newDatasetFlags } from '../../dataset-flags.ts';
import { interruptible } from '../../interruption.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { warnAside } from '../../report.ts';
import { showTransfer } from '../../transfer-progress.ts';

export default class Upload extends Command {
  static override summary = 'Upload a file, or the files of a directory, into a dataset.';

  static override description = prose`
The dataset is made where there is none. Files keep their paths within the directory, and are verified by their SHA-256
when they have arrived; a file appears in the dataset when all of it is stored for good.

After a lost connection the upload goes on by itself, and after an interruption when the command is repeated: files that
are there with the same content are not sent again. Files that are there with other content are refused.`;

  static override examples = [
    {
      description: 'A directory, with its subdirectories',
      command: '<%= config.bin %> castor upload -d user.ada.events -p events/',
    },
  ];

  static override flags = {
    ...newDatasetFlags,
    path: Flags.string({
      char: 'p',
      required: true,
      helpValue: 'PATH',
      summary: 'A file, or a directory: all files in it.',
    }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Upload);
    const { dataset, path, json } = flags;
    const connection = connect(flags);
    const memory = join(dirname(registryDirectory(process.env)), 'uploads');
    const { end, ...shown } = showTransfer('uploading');
    const uploaded = await interruptible(async (signal) =>
      uploadDataset(connection, { dataset, path }, { ...shown, signal, memory }),
    ).finally(end);
    const { files, bytes, skipped } = uploaded;
    for (const name of skipped) warnAside(`${name} is no file and was left out`);
    if (json) print(JSON.stringify({ dataset, files, bytes, skipped }));
    else print(`${dataset}: ${files} ${files === 1 ? 'file' : 'files'}, ${sizeText(bytes)} uploaded`);
    return 0;
  }
}
