import { Args, Command, Flags } from '@oclif/core';
import { AT_CONSOLE, atConsole, setPassword } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { askNewPassword } from '../../../new-password.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserPassword extends Command {
  static override summary = 'Give a user another password, and log it out everywhere.';

  static override description = prose`
All tokens of the user are worthless from then on, and its sessions in browsers end.`;

  static override examples = [
    {
      description: 'For who has forgotten it',
      command: '<%= config.bin %> orchestra user password ada --data cluster',
    },
  ];

  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  static override flags = {
    ...consoleFlags,
    'password-stdin': Flags.boolean({ summary: 'Read the password from the standard input.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserPassword);
    await atConsole(flags, async (cluster) => {
      const password = await askNewPassword(args.name, { fromStdin: flags['password-stdin'] });
      await setPassword(cluster, AT_CONSOLE, args.name, password);
    });
    print(`${args.name} has another password, and must authenticate anew`);
    return 0;
  }
}
