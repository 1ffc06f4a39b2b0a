import { Args, Command } from '@oclif/core';
import { AT_CONSOLE, atConsole, changeUser } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserActivate extends Command {
  static override summary = 'Let a user log in, who has registered or was deactivated.';

  static override description = prose`
The tokens that were revoked as the user was deactivated stay worthless.`;

  static override examples = [
    { description: 'Let ada in', command: '<%= config.bin %> orchestra user activate ada --data cluster' },
  ];

  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  static override flags = consoleFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserActivate);
    await atConsole(flags, (cluster) => changeUser(cluster, AT_CONSOLE, args.name, { state: 'active' }));
    print(`${args.name} may log in now`);
    return 0;
  }
}
