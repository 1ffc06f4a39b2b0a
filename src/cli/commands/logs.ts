import { Args, Command, Flags } from '@oclif/core';
import { globalFlags } from '../global-flags.ts';
import { noOutput, stepOutputs, studyLog } from '../log-files.ts';
import { prose } from '../prose.ts';
import { followLogs, readLogs } from '../read-logs.ts';

export default class Logs extends Command {
  static override summary = 'Show the log of a study, or the output of its steps.';

  static override description = prose`
Without a step the log of the study's conductor; with the name of a step, or a glob, what the newest attempts of those
steps have written to their standard output, or with --err to their standard error; --attempt N shows earlier ones, also
those whose workspace was moved aside by '<%= config.bin %> retry --clean'. Several files are headed by their
names. With --follow the command goes on as more is written, until the study has ended.`;

  static override examples = [
    { description: 'What the conductor did', command: '<%= config.bin %> logs heat_20261122-045012' },
    { description: 'Look on', command: '<%= config.bin %> logs -f heat_20261122-045012' },
    {
      description: 'Why a step failed',
      command: '<%= config.bin %> logs --err heat_20261122-045012 run_SIZE.10',
    },
    {
      description: 'What its first attempt said',
      command: '<%= config.bin %> logs --err --attempt 1 heat_20261122-045012 run_SIZE.10',
    },
    {
      description: 'The output of all its siblings',
      command: `<%= config.bin %> logs heat_20261122-045012 'run_*'`,
    },
  ];

  static override args = {
    directory: Args.string({ required: true, description: 'A study directory.' }),
    step: Args.string({ description: 'The name of a step, or a glob.' }),
  };

  static override flags = {
    ...globalFlags,
    follow: Flags.boolean({ char: 'f', summary: 'Go on as more is written.' }),
    err: Flags.boolean({ summary: 'The standard error of the steps.' }),
    attempt: Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'What the N-th attempts wrote, not the newest.',
    }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Logs);
    const { directory, step } = args;
    const { attempt } = flags;
    const stream = flags.err ? 'err' : 'out';
    const find = () =>
      step === undefined ? [studyLog(directory)] : stepOutputs(directory, step, { stream, attempt });
    if (flags.follow) {
      await followLogs(directory, find);
      return 0;
    }
    const files = find();
    if (files.length === 0 && step !== undefined) throw noOutput(directory, step, attempt);
    await readLogs(files);
    return 0;
  }
}
