import { Command, Flags } from '@oclif/core';
import { listDatasets } from '../../../orchestra/api/datasets.ts';
import { call } from '../../../orchestra/client/call.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../../output.ts';
import { prose } from '../../prose.ts';
import { datasetLines } from '../../render/dataset-lines.ts';
import { createTheme } from '../../render/theme.ts';

export default class List extends Command {
  static override summary = 'List datasets and the outputs of tasks.';

  static override description = prose`
--json prints an array of objects with name, owner, kind (files or outputs), files, size in bytes, and createdAt in
milliseconds of Unix time.`;

  static override examples = [
    { description: 'Yours', command: '<%= config.bin %> castor list' },
    {
      description: 'The names alone',
      command: `<%= config.bin %> castor list --json | jq -r '.[].name'`,
    },
  ];

  static override flags = {
    user: Flags.string({
      char: 'u',
      aliases: ['username'],
      helpValue: 'NAME',
      summary: 'Whose; default yours. Others’ are for administrators.',
    }),
    ...serverFlags,
    json: Flags.boolean({ summary: 'Print JSON.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(List);
    const { user, json } = flags;
    const datasets = await call(connect(flags), listDatasets, { query: user === undefined ? {} : { user } });
    if (json) print(JSON.stringify(datasets));
    else {
      const looks = { theme: createTheme(outputTakesColour()), width: terminalWidth() };
      await printLines(datasetLines(datasets, looks));
    }
    return 0;
  }
}
