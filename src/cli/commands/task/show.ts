import { Args, Command, Flags } from '@oclif/core';
import { JOB_STATES, type Job } from '../../../orchestra/api/tasks.ts';
import { jobsOf, showTask } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../../output.ts';
import { taskPageLines } from '../../render/task-page.ts';
import { createTheme } from '../../render/theme.ts';

export default class ShowTask extends Command {
  static override summary = 'Show a task: what it runs, how far it is, and its jobs.';

  static override examples = [
    { description: 'A task and its jobs', command: '<%= config.bin %> task show user.ada.fit' },
    {
      description: 'Those that have failed',
      command: '<%= config.bin %> task show user.ada.fit --state failed',
    },
  ];

  static override args = { task: Args.string({ required: true, description: 'The name of the task.' }) };

  static override flags = {
    state: Flags.option({ options: JOB_STATES })({ summary: 'Only jobs in this state.' }),
    json: Flags.boolean({ summary: 'Print JSON: the task, with its jobs as contents.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ShowTask);
    const connection = connect(flags);
    const task = await showTask(connection, args.task);
    const contents: Job[] = [];
    const { state } = flags;
    for await (const job of jobsOf(connection, args.task, state === undefined ? {} : { state })) {
      contents.push(job);
    }
    if (flags.json) print(JSON.stringify({ ...task, contents }, undefined, 2));
    else {
      const theme = createTheme(outputTakesColour());
      await printLines(taskPageLines(task, contents, { width: terminalWidth(), theme, now: Date.now() }));
    }
    return 0;
  }
}
