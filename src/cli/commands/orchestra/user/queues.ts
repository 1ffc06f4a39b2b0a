import { Args, Command, Flags } from '@oclif/core';
import { AT_CONSOLE, atConsole, changeUser } from '../../../../orchestra/server/main.ts';
import { UserError } from '../../../../shared/errors.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserQueues extends Command {
  static override summary = 'Say which queues a user may use.';

  static override description = prose`
A user who was given queues may use these and no others. One who was given none may use every queue that the configuration
does not close by open: false.`;

  static override examples = [
    {
      description: 'The GPUs, and nothing else',
      command: '<%= config.bin %> orchestra user queues ada nvidia --data cluster',
    },
    {
      description: 'Whatever is open, again',
      command: '<%= config.bin %> orchestra user queues ada --open --data cluster',
    },
  ];

  static override strict = false;

  static override args = {
    name: Args.string({ required: true, description: 'The user.' }),
    queue: Args.string({ description: 'Queues.' }),
  };

  static override flags = {
    ...consoleFlags,
    open: Flags.boolean({ default: false, summary: 'All queues that are open, and no others.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(UserQueues);
    const [name = '', ...queues] = argv as string[];
    if (queues.length > 0 === flags.open)
      throw new UserError('the queues are missing', 'name some, or give --open alone');
    await atConsole(flags, (cluster) => changeUser(cluster, AT_CONSOLE, name, { queues }));
    print(`${name} may use ${flags.open ? 'the queues that are open' : queues.join(', ')}`);
    return 0;
  }
}
