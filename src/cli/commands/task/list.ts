import { Command, Flags } from '@oclif/core';
import { listTasks } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { outputTakesColour, print, printAside, printLines, terminalWidth } from '../../output.ts';
import { taskBoardLines } from '../../render/task-board.ts';
import { createTheme } from '../../render/theme.ts';

export default class ListTasks extends Command {
  static override summary = 'List tasks, with their jobs by state.';

  static override examples = [
    { description: 'Your tasks', command: '<%= config.bin %> task list' },
    {
      description: 'The names of those that have failed jobs',
      command: `<%= config.bin %> task list --json | jq -r '.[] | select(.jobs.failed > 0).name'`,
    },
  ];

  static override flags = {
    user: Flags.string({ char: 'u', helpValue: 'NAME', summary: 'Whose tasks; default yours.' }),
    json: Flags.boolean({ summary: 'Print JSON.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ListTasks);
    const connection = connect(flags);
    const tasks = await listTasks(connection, flags.user);
    if (flags.json) print(JSON.stringify(tasks, undefined, 2));
    else if (tasks.length === 0) printAside(`${flags.user ?? connection.user} has no tasks`);
    else {
      const theme = createTheme(outputTakesColour());
      await printLines(taskBoardLines(tasks, { width: terminalWidth(), theme }));
    }
    return 0;
  }
}
