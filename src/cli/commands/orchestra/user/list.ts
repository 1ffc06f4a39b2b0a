import { Command, Flags } from '@oclif/core';
import { allUsers, atConsole, shownUser } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../../../output.ts';
import { prose } from '../../../prose.ts';
import { createTheme } from '../../../render/theme.ts';
import { userLines } from '../../../render/user-list.ts';

export default class UserList extends Command {
  static override summary = 'List the users of a cluster, on the machine that it lies on.';

  static override description = prose`
--json prints {"users": [...]}, each with name, email, role, state (registered, active or inactive), maxPriority, queues
(empty: those that are open), storageQuota in bytes and jobQuota (null: no bound), and createdAt in Unix milliseconds.`;

  static override examples = [
    { description: 'All users', command: '<%= config.bin %> orchestra user list --data cluster' },
    {
      description: 'Who waits to be activated',
      command: `<%= config.bin %> orchestra user list --json --data cluster | jq -r '.users[] | select(.state == "registered").name'`,
    },
  ];

  static override flags = { ...consoleFlags, json: Flags.boolean({ summary: 'Print JSON.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(UserList);
    const users = await atConsole(flags, ({ store }) =>
      allUsers(store).map((user) => shownUser(store, user)),
    );
    if (flags.json) print(JSON.stringify({ users }, null, 2));
    else
      await printLines(userLines(users, { theme: createTheme(outputTakesColour()), width: terminalWidth() }));
    return 0;
  }
}
