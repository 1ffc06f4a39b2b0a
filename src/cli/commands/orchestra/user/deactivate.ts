import { Args, Command } from '@oclif/core';
import { AT_CONSOLE, atConsole, changeUser } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class UserDeactivate extends Command {
  static override summary = 'Let a user in no more, and log it out everywhere.';

  static override description = prose`
Its tokens and sessions are worthless at once, and tasks of it that wait or run are killed, as by maestro task kill, and
named. Datasets and what tasks have put out stay; an administrator may retry the tasks. The only administrator cannot be
deactivated.`;

  static override examples = [
    {
      description: 'Lock ada out',
      command: '<%= config.bin %> orchestra user deactivate ada --data cluster',
    },
  ];

  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  static override flags = consoleFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserDeactivate);
    const { killed } = await atConsole(flags, (cluster) =>
      changeUser(cluster, AT_CONSOLE, args.name, { state: 'inactive' }),
    );
    print(`${args.name} is locked out`, ...killed.map((name) => `${name} is being killed`));
    return 0;
  }
}
