import { Args, Command, Flags } from '@oclif/core';
import { createStepFilter } from '../../shared/status/step-filter.ts';
import { createQuestions } from '../ask.ts';
import { cancelStudy } from '../cancel-study.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { outputTakesColour } from '../output.ts';
import { prose } from '../prose.ts';
import { createTheme } from '../render/theme.ts';
import { cancelSteps } from '../repair/cancel-steps.ts';
import { filterTexts, stepFlags } from '../step-flags.ts';

export default class Cancel extends Command {
  static override summary = 'End studies, or a part of one: stop what runs, start nothing more.';

  static override description = prose`
All steps that have not ended become CANCELLED; what runs is ended, with all its processes. Where nobody conducts the
study a conductor is started to carry that out. The command waits until the study has ended, for at most a minute.

With --step, --param or --state only those steps are cancelled, and what waits for them; the rest goes on.
'<%= config.bin %> retry' runs what was cancelled again.`;

  static override examples = [
    { description: 'Cancel a study', command: '<%= config.bin %> cancel heat_20261122-045012' },
    {
      description: 'Cancel several, without being asked',
      command: '<%= config.bin %> cancel -y heat_* ising_*',
    },
    {
      description: 'One combination is hopeless; the others go on',
      command: '<%= config.bin %> cancel --param SIZE=640 heat_20261122-045012',
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    ...stepFlags,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    wait: Flags.boolean({
      default: true,
      allowNo: true,
      summary: 'Wait until the studies or steps have ended.',
    }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Cancel);
    const questions = flags.yes ? undefined : createQuestions('answer beforehand with --yes (-y)');
    const shared = {
      confirm: questions?.confirm ?? (async () => true),
      log: (studyName: string) => logOptions(flags, studyName),
      waits: flags.wait,
    };
    const isPart = [flags.step, flags.param, flags.state].some((texts) => texts !== undefined);
    const filter = createStepFilter(filterTexts(flags));
    const theme = createTheme(outputTakesColour());
    try {
      return await forEachStudy(argv as string[], (directory) =>
        isPart ? cancelSteps(directory, filter, { ...shared, theme }) : cancelStudy(directory, shared),
      );
    } finally {
      questions?.close();
    }
  }
}
