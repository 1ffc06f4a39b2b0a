import { Args, Command, Flags } from '@oclif/core';
import { atConsole, backUp } from '../../../orchestra/server/backup/main.ts';
import { createByteCounter } from '../../byte-counter.ts';
import { consoleFlags } from '../../console-flags.ts';
import { print, printAside } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class Backup extends Command {
  static override summary =
    'Back a cluster up into one file, on the machine that it lies on, while it is served.';

  static override description = prose`
The file is a tar archive of the users, datasets, tasks, outputs and studies of one moment, with the configuration and a
hash of everything; images are in it with --images. What is being uploaded meanwhile is in it whole or not at all. It
holds what users keep secret: keep it where only you can read it. maestro orchestra restore makes a cluster of it.

Exit code 1 with the file made means that content of datasets had rotted on the disk; it is named.`;

  static override examples = [
    {
      description: 'A backup of today',
      command: '<%= config.bin %> orchestra backup /backup/cluster-2026-05-01.tar --data cluster',
    },
  ];

  static override args = {
    file: Args.string({ required: true, description: 'The archive; it must not be there yet.' }),
  };

  static override flags = {
    ...consoleFlags,
    images: Flags.boolean({ summary: 'Back the images of containers up as well.' }),
    json: Flags.boolean({ summary: 'Print JSON: file, bytes, files, and rotten, hashes of rotten content.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Backup);
    const counter = createByteCounter('backed up');
    const report = await atConsole(flags, (cluster) =>
      backUp(cluster, { file: args.file, withImages: flags.images, onProgress: counter.show }),
    ).finally(counter.clear);
    if (flags.json) print(JSON.stringify(report, null, 2));
    else print(`${report.file}: ${report.files} files, ${report.bytes} bytes`);
    for (const sha256 of report.rotten) printAside(`rotten: the content ${sha256} is not what was uploaded`);
    return report.rotten.length === 0 ? 0 : 1;
  }
}
