import { Command, Flags } from '@oclif/core';
import { atConsole, auditedDeeds } from '../../../orchestra/server/main.ts';
import { consoleFlags } from '../../console-flags.ts';
import { readMoment } from '../../moment.ts';
import { printLines } from '../../output.ts';
import { prose } from '../../prose.ts';
import { auditLines } from '../../render/audit-lines.ts';

export default class Audit extends Command {
  static override summary = 'Show who did what on a cluster, on the machine that it lies on.';

  static override description = prose`
A line is the time, who, from where (console: on the server's machine), what, to what, and done or why it was refused.
--json prints an object a line: id, at (Unix milliseconds), actor, action, subject, outcome, address, and request, which
names the request in the server's log.`;

  static override examples = [
    {
      description: 'What ada did since the first of May',
      command: '<%= config.bin %> orchestra audit --user ada --since 2026-05-01 --data cluster',
    },
  ];

  static override flags = {
    ...consoleFlags,
    user: Flags.string({ helpValue: 'NAME', summary: 'Only what this user did; console for the console.' }),
    since: Flags.string({
      helpValue: 'TIME',
      summary: "Only from then on: 2026-05-01, '2026-05-01 13:00', or 90m, 12h, 7d for so long ago.",
    }),
    json: Flags.boolean({ summary: 'Print JSON, an object a line.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Audit);
    const since = flags.since === undefined ? undefined : readMoment(flags.since, Date.now());
    await atConsole(flags, async (cluster) => {
      const deeds = auditedDeeds(cluster, { actor: flags.user, since });
      await printLines(auditLines(deeds, flags.json ? 'json' : 'text'));
    });
    return 0;
  }
}
