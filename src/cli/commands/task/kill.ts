import { Command, Flags } from '@oclif/core';
import { killAllTasks, killTask } from '../../../orchestra/client/tasks.ts';
import { UserError } from '../../../shared/errors.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class KillTask extends Command {
  static override summary = 'Kill a task, or all tasks of a user.';

  static override description = prose`
Jobs that run are ended with all their processes, and no more are started. What is done stays done. The command does not
wait for it: see '<%= config.bin %> task wait'.`;

  static override examples = [
    { description: 'Kill a task', command: '<%= config.bin %> task kill -t user.ada.fit' },
    { description: 'Kill all of yours', command: '<%= config.bin %> task kill --all' },
  ];

  static override flags = {
    user: Flags.string({ char: 'u', helpValue: 'NAME', summary: 'Whose tasks; default yours.' }),
    task: Flags.string({ char: 't', helpValue: 'NAME', summary: 'The name of the task.' }),
    all: Flags.boolean({
      char: 'a',
      exclusive: ['task'],
      summary: 'All tasks of the user that have not ended.',
    }),
    json: Flags.boolean({ summary: 'Print JSON: the names of what is killed.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(KillTask);
    const { task, all, user } = flags;
    if (task === undefined && !all) throw new UserError('nothing to kill is named', 'give --task, or --all');
    const connection = connect(flags);
    const killed =
      task === undefined ? await killAllTasks(connection, user) : [(await killTask(connection, task)).name];
    if (flags.json) print(JSON.stringify({ killed }));
    else if (killed.length === 0) print('nothing is left to be killed');
    else print(...killed.map((name) => `${name} is being killed`));
    return 0;
  }
}
