import { Args, Command } from '@oclif/core';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { prose } from '../prose.ts';
import { pauseStudy } from '../repair/pause-study.ts';

export default class Pause extends Command {
  static override summary = 'Start nothing more of studies; what runs goes on.';

  static override description = prose`
For a machine that is needed for something else, or an input that should be looked at first. The conductor stays, records
how running steps end, and starts nothing more until '<%= config.bin %> resume'. The pause outlives the conductor.`;

  static override examples = [
    { description: 'Make room', command: '<%= config.bin %> pause heat_20261122-045012' },
    { description: 'Go on', command: '<%= config.bin %> resume heat_20261122-045012' },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = globalFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Pause);
    return forEachStudy(argv as string[], (directory) =>
      pauseStudy(directory, (studyName) => logOptions(flags, studyName)),
    );
  }
}
