import { Command, Flags } from '@oclif/core';
import { deleteTask } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { print } from '../../output.ts';
import { taskFlag } from '../../task/task-flag.ts';

export default class DeleteTask extends Command {
  static override summary = 'Delete a task that has ended, with its outputs.';

  static override examples = [
    { description: 'Delete a task', command: '<%= config.bin %> task delete -t user.ada.fit' },
  ];

  static override flags = {
    task: taskFlag,
    json: Flags.boolean({ summary: 'Print JSON.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DeleteTask);
    await deleteTask(connect(flags), flags.task);
    print(flags.json ? JSON.stringify({ deleted: flags.task }) : `${flags.task} has been deleted`);
    return 0;
  }
}
