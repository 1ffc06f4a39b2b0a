import { Args, Command, Flags } from '@oclif/core';
import { requestUpdate } from '../../shared/control.ts';
import { takeOverview } from '../../shared/status/snapshot.ts';
import { conductInForeground } from '../conduct-in-foreground.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { outputTakesColour, printLines } from '../output.ts';
import { prose } from '../prose.ts';
import { conductorLines } from '../render/conductor.ts';
import { createTheme } from '../render/theme.ts';

export default class Conductor extends Command {
  static override summary = 'Conduct studies in this process, or tell who conducts them.';

  static override description = prose`
Conducts a study directory until it ends, without a picture of its progress: what '<%= config.bin %> run' and
'<%= config.bin %> resume' start in the background, for those who want to start it by themselves. Several studies
are conducted one after another. The exit code is 0 if all steps finished, 2 if some failed, 3 if the study was cancelled.

With --status it only tells who conducts each study: host, process, since when, and when it was last heard of.
The command 'conductor' is the same.`;

  static override examples = [
    {
      description: 'Who conducts this study?',
      command: '<%= config.bin %> conductor --status heat_20261122-045012',
    },
    {
      description: 'Conduct it here, its log on the screen',
      command: '<%= config.bin %> conductor -c heat_20261122-045012',
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    status: Flags.boolean({
      char: 's',
      exclusive: ['sleeptime'],
      summary: 'Tell who conducts; conduct nothing.',
    }),
    sleeptime: Flags.integer({
      char: 't',
      min: 0,
      helpValue: 'N',
      summary: 'Seconds between polls of a scheduler, from now on.',
    }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Conductor);
    const theme = createTheme(outputTakesColour());
    return forEachStudy(argv as string[], async (argument) => {
      const overview = takeOverview(argument);
      if (flags.status) {
        await printLines(conductorLines(overview, theme));
        return 0;
      }
      const { directory, summary } = overview;
      if (flags.sleeptime !== undefined) requestUpdate(directory, { sleep: flags.sleeptime });
      return conductInForeground(directory, { ...logOptions(flags, summary.name), onProgress: () => {} });
    });
  }
}
