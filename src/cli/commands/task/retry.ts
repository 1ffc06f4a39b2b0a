import { Command, Flags } from '@oclif/core';
import { retryTask } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { taskFlag } from '../../task/task-flag.ts';

export default class RetryTask extends Command {
  static override summary = 'Run a task again, or what of it has failed.';

  static override description = prose`
All jobs of a broken or killed task start over; of a finalized one the failed jobs run again. A task that is to be removed
is kept.`;

  static override examples = [
    { description: 'Run failed jobs again', command: '<%= config.bin %> task retry -t user.ada.fit' },
  ];

  static override flags = {
    task: taskFlag,
    json: Flags.boolean({ summary: 'Print the task as JSON.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RetryTask);
    const task = await retryTask(connect(flags), flags.task);
    print(flags.json ? JSON.stringify(task) : `${task.name} is ${task.state} again`);
    return 0;
  }
}
