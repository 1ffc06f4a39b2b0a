import { Command } from '@oclif/core';
import { showDataset } from '../../../orchestra/api/datasets.ts';
import { call } from '../../../orchestra/client/call.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { connect } from '../../cluster-connection.ts';
import { datasetArgs, datasetFlags, namedDataset } from '../../dataset-flags.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../../output.ts';
import { prose } from '../../prose.ts';
import { fileLines } from '../../render/dataset-lines.ts';
import { createTheme } from '../../render/theme.ts';

export default class Show extends Command {
  static override summary = 'Show the files of a dataset, with their sizes and hashes.';

  static override description = prose`
The hashes are those of sha256sum. Outputs of tasks have none. --json prints what is printed by castor list, and
contents: an array of objects with path, size, sha256, uploadedAt and rotten.`;

  static override examples = [
    { description: 'A dataset', command: '<%= config.bin %> castor show user.ada.events' },
    {
      description: 'Check files that are here against it',
      command: `<%= config.bin %> castor show user.ada.events --json | jq -r '.contents[] | "\\(.sha256)  \\(.path)"' | sha256sum -c`,
    },
  ];

  static override args = datasetArgs;

  static override flags = datasetFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Show);
    const dataset = namedDataset({ args, flags });
    const shown = await call(connect(flags), showDataset, { params: { dataset } });
    if (flags.json) {
      print(JSON.stringify(shown));
      return 0;
    }
    const { name, kind, files, size, contents } = shown;
    const what = kind === 'outputs' ? 'outputs of the task' : 'uploaded';
    print(`${name}: ${files} ${files === 1 ? 'file' : 'files'}, ${sizeText(size)}, ${what}`);
    const looks = { theme: createTheme(outputTakesColour()), width: terminalWidth() };
    await printLines(fileLines(contents, looks));
    return 0;
  }
}
