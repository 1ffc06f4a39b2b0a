import { Args, Command, Flags } from '@oclif/core';
import { createQuestions } from '../ask.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags } from '../global-flags.ts';
import { prose } from '../prose.ts';
import { askForUpdate } from '../update-menu.ts';
import { sendUpdate, updatesFor } from '../update-study.ts';

const limit = (summary: string, min = 0) =>
  Flags.integer({ min, multiple: true, multipleNonGreedy: true, helpValue: 'N', summary });

export default class Update extends Command {
  static override summary = 'Change the limits of running studies.';

  static override description = prose`
A value holds for all studies named, or there is one for each, in their order. 0 is no limit for --throttle and --rlimit.
What runs goes on, though it be more than is to run from now on.
Without any of these options a menu asks for each study. The conductor acts on it at once.`;

  static override examples = [
    {
      description: 'At most eight steps at once',
      command: '<%= config.bin %> update --throttle 8 heat_20261122-045012',
    },
    {
      description: 'Two studies, a value for each',
      command:
        '<%= config.bin %> update --throttle 8 --throttle 2 heat_20261122-045012 ising_20261122-050101',
    },
    {
      description: 'Leave cores of this machine to others',
      command: '<%= config.bin %> update --cores 4 heat_20261122-045012',
    },
    { description: 'By a menu', command: '<%= config.bin %> update heat_20261122-045012' },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    throttle: limit('Steps in flight at once; 0: no limit.'),
    rlimit: limit('Restarts of a step that timed out; 0: no limit.'),
    sleep: limit('Seconds between polls of a scheduler.'),
    attempts: limit('Tries at a step that fails and whose specification does not say.', 1),
    cores: limit('Studies on this machine: cores that steps use together; 0: no more are started.'),
    gpus: limit('Studies on this machine: GPUs that steps use together; 0: steps that ask for GPUs wait.'),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Update);
    const directories = argv as string[];
    const updates = updatesFor(directories.length, flags);
    if (updates !== undefined) {
      return forEachStudy(directories, async (directory, index) => sendUpdate(directory, updates[index]!));
    }
    const questions = createQuestions('give --throttle, --rlimit, --sleep, --attempts, --cores or --gpus');
    try {
      return await forEachStudy(directories, (directory) => askForUpdate(directory, questions));
    } finally {
      questions.close();
    }
  }
}
