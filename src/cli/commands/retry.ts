import { Args, Command, Flags } from '@oclif/core';
import { retryChoice } from '../../shared/retry-choice.ts';
import { createQuestions } from '../ask.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { outputTakesColour } from '../output.ts';
import { prose } from '../prose.ts';
import { createTheme } from '../render/theme.ts';
import { renewStudy } from '../repair/renew-study.ts';
import { retryStudy } from '../repair/retry-study.ts';
import { stepFlags } from '../step-flags.ts';
import { studyRequest } from '../study-request.ts';

export default class Retry extends Command {
  static override summary = 'Run steps again: what failed, or what you name.';

  static override description = prose`
Without options all steps run again that failed, timed out, were cancelled or ended nobody knows how, and with them
everything that depends on them; what finished stays as it is. A table of what will run is shown before the question.
--step, --param and --state choose among those steps, as in status; a --state takes the place of failed, timedout and
cancelled.

A study that is being conducted takes the request at once; for one that has ended or was left, a conductor is started.
Attempts are numbered on, all counters of tries and restarts begin anew, and what earlier attempts wrote stays readable
with '<%= config.bin %> logs --attempt N'. A script that you have edited in its workspace is run as you left it; with
--clean it is written anew.

With --spec the study gets a corrected specification, in the same directory: steps whose scripts are the same, and whose
parents do not run, keep their results; what has changed or did not finish runs again, with what depends on it; new
combinations are added, and those that are gone are marked REMOVED. That takes a study that nobody conducts.`;

  static override examples = [
    {
      description: 'What failed last night, and all that waits for it',
      command: '<%= config.bin %> retry heat_20261122-045012',
    },
    {
      description: 'First look at what would run',
      command: '<%= config.bin %> retry --dry heat_20261122-045012',
    },
    {
      description: 'One combination, in an empty workspace',
      command: '<%= config.bin %> retry --param SIZE=10 --clean heat_20261122-045012',
    },
    {
      description: 'A finished step and everything after it',
      command: '<%= config.bin %> retry --from mesh_SIZE.10 heat_20261122-045012',
    },
    {
      description: 'The same study with a corrected specification',
      command: '<%= config.bin %> retry --spec heat.yaml heat_20261122-045012',
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    ...stepFlags,
    from: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'STEP',
      exclusive: ['step', 'state', 'only'],
      summary: 'This step, finished or not, and everything after it.',
    }),
    only: Flags.boolean({ summary: 'Not what depends on them.' }),
    clean: Flags.boolean({ summary: 'Move their workspaces aside first, to <workspace>.attempt-N.' }),
    dry: Flags.boolean({ summary: 'Say what would run, and change nothing.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    spec: Flags.string({
      helpGroup: 'ANOTHER SPECIFICATION',
      helpValue: 'FILE',
      exclusive: ['step', 'param', 'state', 'from', 'only'],
      summary: 'Give the study this specification in place of its own.',
    }),
    pgen: Flags.string({
      char: 'p',
      helpGroup: 'ANOTHER SPECIFICATION',
      helpValue: 'FILE',
      dependsOn: ['spec'],
      summary: 'A parameter generator in place of its global.parameters, as in run.',
    }),
    pargs: Flags.string({
      helpGroup: 'ANOTHER SPECIFICATION',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['pgen'],
      helpValue: 'KEY:VALUE',
      summary: 'An argument for the generator; may be given several times.',
    }),
    'ignore-resources': Flags.boolean({
      helpGroup: 'ANOTHER SPECIFICATION',
      dependsOn: ['spec'],
      summary: 'Finished steps keep their results where only resources or the batch block have changed.',
    }),
    json: Flags.boolean({
      helpGroup: 'ANOTHER SPECIFICATION',
      dependsOn: ['spec'],
      summary: 'Print what would change as JSON.',
    }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Retry);
    const { spec, dry, clean, json } = flags;
    const choice = retryChoice(flags);
    const questions = flags.yes || dry ? undefined : createQuestions('answer beforehand with --yes (-y)');
    const options = {
      theme: createTheme(outputTakesColour()),
      dry,
      confirm: questions?.confirm ?? (async () => true),
      log: (studyName: string) => logOptions(flags, studyName),
    };
    const ignoresResources = flags['ignore-resources'];
    try {
      return await forEachStudy(argv as string[], (directory) =>
        spec === undefined
          ? retryStudy(directory, choice, options)
          : renewStudy(directory, {
              ...options,
              request: studyRequest(spec, flags),
              ignoresResources,
              clean,
              json,
            }),
      );
    } finally {
      questions?.close();
    }
  }
}
