import { Args, Command } from '@oclif/core';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { prose } from '../prose.ts';
import { resumeStudy } from '../repair/resume-study.ts';

export default class Resume extends Command {
  static override summary = 'Go on with studies that are paused, or whose conductor has left or died.';

  static override description = prose`
Starts a conductor for each study that has not ended and that nobody conducts. It takes over what runs, knows what has
ended meanwhile, and starts what is left: no step runs twice. A paused study is paused no more. Other studies that are
conducted, and those that have ended, stay as they are; '<%= config.bin %> retry' runs steps of those again.`;

  static override examples = [
    {
      description: 'After a reboot, or after a pause',
      command: '<%= config.bin %> resume heat_20261122-045012',
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = globalFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Resume);
    return forEachStudy(argv as string[], (directory) =>
      resumeStudy(directory, (studyName) => logOptions(flags, studyName)),
    );
  }
}
