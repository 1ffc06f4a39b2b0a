import { Args, Command, Flags } from '@oclif/core';
import { AT_CONSOLE, addUser, atConsole } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { askNewPassword } from '../../../new-password.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserAdd extends Command {
  static override summary = 'Add a user to a cluster, on the machine that it lies on.';

  static override description = prose`
This is how the first administrator comes into a cluster. It works while the cluster is served, and while it is not. The
password is asked for, or read as the first line of the standard input with --password-stdin.`;

  static override examples = [
    {
      description: 'The first administrator',
      command: '<%= config.bin %> orchestra user add ada --role admin --activate --data cluster',
    },
    {
      description: 'A user of two queues, by a script',
      command:
        '<%= config.bin %> orchestra user add bob --queue cpu_small --queue nvidia --activate --password-stdin --data cluster < password.txt',
    },
  ];

  static override args = {
    name: Args.string({ required: true, description: 'The name: letters, digits, - and _.' }),
  };

  static override flags = {
    ...consoleFlags,
    'password-stdin': Flags.boolean({ summary: 'Read the password from the standard input.' }),
    email: Flags.string({ helpValue: 'ADDRESS', summary: 'Where mails about tasks go.' }),
    role: Flags.option({ options: ['user', 'admin'] as const, default: 'user' as const })({
      summary: 'What the user may do: administrators may act for others, and administer the cluster.',
    }),
    queue: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'QUEUE',
      summary: 'A queue that the user may use, and no others but those given. Default: all that are open.',
    }),
    activate: Flags.boolean({ summary: 'The user may log in at once.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserAdd);
    const { email, role, queue, activate } = flags;
    const { name } = args;
    await atConsole(flags, async (cluster) => {
      const password = await askNewPassword(name, { fromStdin: flags['password-stdin'] });
      await addUser(cluster, AT_CONSOLE, {
        name,
        password,
        role,
        state: activate ? 'active' : 'registered',
        ...(email === undefined ? {} : { email }),
        ...(queue === undefined ? {} : { queues: queue }),
      });
    });
    print(
      activate
        ? `${name} may log in now`
        : `${name} is registered; to activate: orchestra user activate ${name}`,
    );
    return 0;
  }
}
