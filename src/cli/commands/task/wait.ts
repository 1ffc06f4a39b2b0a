import { Args, Command, Flags } from '@oclif/core';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { outputTakesColour, print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { countsText } from '../../render/task-page.ts';
import { createTheme } from '../../render/theme.ts';
import { exitCodeOf } from '../../task/outcome.ts';
import { watchTask } from '../../task/watch-task.ts';

export default class WaitForTask extends Command {
  static override summary = 'Wait until a task has ended.';

  static override description = prose`
The exit code is 0 if all jobs are done, 2 if some have failed or the task is broken, 3 if it was killed. A server that is
away for less than a quarter of an hour is waited for. With --follow how far the task is is shown meanwhile.`;

  static override examples = [
    {
      description: 'Fetch the outputs once they are there',
      command: '<%= config.bin %> task wait user.ada.fit && <%= config.bin %> castor download user.ada.fit',
    },
  ];

  static override args = { task: Args.string({ required: true, description: 'The name of the task.' }) };

  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Show how far it is.' }),
    json: Flags.boolean({ summary: 'Print the ended task as JSON; with --follow, a line for each change.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(WaitForTask);
    const { follow, json } = flags;
    const task = await watchTask(connect(flags), args.task, follow ? (json ? 'json' : 'lines') : 'nothing');
    const theme = createTheme(outputTakesColour());
    if (!follow)
      print(json ? JSON.stringify(task) : `${task.name} is ${task.state}: ${countsText(task.jobs, theme)}`);
    return exitCodeOf(task);
  }
}
