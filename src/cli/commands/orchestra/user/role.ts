import { Args, Command } from '@oclif/core';
import { AT_CONSOLE, atConsole, changeUser } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserRole extends Command {
  static override summary = 'Make a user an administrator, or an administrator a user.';

  static override description = prose`
Administrators may act for others and administer the cluster; the audit log says what they did. The only administrator
stays one.`;

  static override examples = [
    {
      description: 'A second administrator',
      command: '<%= config.bin %> orchestra user role ada admin --data cluster',
    },
  ];

  static override args = {
    name: Args.string({ required: true, description: 'The user.' }),
    role: Args.option({ options: ['user', 'admin'] as const })({
      required: true,
      description: 'What it is to be.',
    }),
  };

  static override flags = consoleFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserRole);
    const { name, role } = args;
    await atConsole(flags, (cluster) => changeUser(cluster, AT_CONSOLE, name, { role }));
    print(`${name} is ${role === 'admin' ? 'an administrator' : 'a user'} now`);
    return 0;
  }
}
