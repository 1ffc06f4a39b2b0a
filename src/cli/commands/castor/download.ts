import { Command, Flags } from '@oclif/core';
import { downloadZip } from '../../../orchestra/client/datasets/download-zip.ts';
import { extractDataset } from '../../../orchestra/client/datasets/extract-dataset.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { connect } from '../../cluster-connection.ts';
import { datasetArgs, datasetFlags, namedDataset } from '../../dataset-flags.ts';
import { interruptible } from '../../interruption.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { showTransfer } from '../../transfer-progress.ts';

export default class Download extends Command {
  static override summary = 'Download a dataset, or the outputs of a task.';

  static override description = prose`
Writes <dataset>.zip into the current directory, with the paths that the files have in the dataset. With --extract the
files themselves are downloaded, each verified by its SHA-256; an interrupted download goes on when the command is
repeated, and files that are there with the same content are not downloaded again.`;

  static override examples = [
    { description: 'As a zip', command: '<%= config.bin %> castor download user.ada.results' },
    {
      description: 'The files, into a directory',
      command: '<%= config.bin %> castor download user.ada.results --extract --output results',
    },
  ];

  static override args = datasetArgs;

  static override flags = {
    ...datasetFlags,
    extract: Flags.boolean({ summary: 'The files themselves instead of a zip.' }),
    output: Flags.string({
      char: 'o',
      helpValue: 'PATH',
      summary: 'The zip to write, or the directory to extract to; default is named after the dataset.',
    }),
    force: Flags.boolean({ char: 'y', aliases: ['yes'], summary: 'Replace files that are there.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Download);
    const dataset = namedDataset({ args, flags });
    const { extract, output, force: mayReplace, json } = flags;
    const connection = connect(flags);
    const { end, ...shown } = showTransfer('downloading');
    const place = output ?? (extract ? dataset : `${dataset}.zip`);
    const downloaded = await interruptible(async (signal) =>
      extract
        ? extractDataset(connection, { dataset, directory: place, mayReplace }, { ...shown, signal })
        : downloadZip(connection, { dataset, file: place, mayReplace }, { ...shown, signal }),
    ).finally(end);
    if (json) print(JSON.stringify({ dataset, ...downloaded }));
    else print(`${place}: ${sizeText(downloaded.bytes)} downloaded`);
    return 0;
  }
}
