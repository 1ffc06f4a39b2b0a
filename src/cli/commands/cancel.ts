import { Args, Command, Flags } from '@oclif/core';
import { createQuestions } from '../ask.ts';
import { cancelStudy } from '../cancel-study.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { prose } from '../prose.ts';

export default class Cancel extends Command {
  static override summary = 'End studies: stop what runs, start nothing more.';

  static override description = prose`
All steps that have not ended become CANCELLED; what runs is ended, with all its processes. Where nobody conducts the
study a conductor is started to carry that out. The command waits until the study has ended, for at most a minute.`;

  static override examples = [
    { description: 'Cancel a study', command: '<%= config.bin %> cancel heat_20261122-045012' },
    {
      description: 'Cancel several, without being asked',
      command: '<%= config.bin %> cancel -y heat_* ising_*',
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    wait: Flags.boolean({ default: true, allowNo: true, summary: 'Wait until the studies have ended.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Cancel);
    const questions = flags.yes ? undefined : createQuestions('answer beforehand with --yes (-y)');
    try {
      return await forEachStudy(argv as string[], (directory) =>
        cancelStudy(directory, {
          confirm: questions?.confirm ?? (async () => true),
          log: (studyName) => logOptions(flags, studyName),
          waits: flags.wait,
        }),
      );
    } finally {
      questions?.close();
    }
  }
}
