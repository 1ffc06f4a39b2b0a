import { Args, Command, Flags } from '@oclif/core';
import { restore } from '../../../orchestra/server/backup/main.ts';
import { print, printAside } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class Restore extends Command {
  static override summary = 'Make the data directory of a cluster from a backup.';

  static override description = prose`
Everything is checked against the hashes in the backup before the directory appears: afterwards there is a whole cluster,
or none. Restore to the same path as before where tasks were running, because their scripts name it.

Exit code 1 with the directory made means that content of datasets had rotted before it was backed up; the files that
have it are named, and uploading them again mends them.`;

  static override examples = [
    {
      description: 'A cluster from a backup',
      command: '<%= config.bin %> orchestra restore /backup/cluster-2026-05-01.tar --data cluster',
    },
  ];

  static override args = { file: Args.string({ required: true, description: 'The archive.' }) };

  static override flags = {
    data: Flags.string({
      required: true,
      helpValue: 'DIR',
      summary: 'The data directory to make; it must be empty or not there yet.',
    }),
    json: Flags.boolean({ summary: 'Print JSON: data, createdAt, files, and rotten, files of datasets.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Restore);
    const report = await restore(args.file, flags.data);
    if (flags.json) print(JSON.stringify(report, null, 2));
    else print(`${report.data}: ${report.files} files, as of ${report.createdAt}`);
    for (const file of report.rotten) printAside(`rotten: ${file}; upload it again`);
    return report.rotten.length === 0 ? 0 : 1;
  }
}
