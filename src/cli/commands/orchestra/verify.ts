import { Command, Flags } from '@oclif/core';
import { atConsole, verifyStore } from '../../../orchestra/server/main.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { consoleFlags } from '../../console-flags.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';
import { EXIT_ERROR } from '../../report.ts';
import { showTransfer } from '../../transfer-progress.ts';

export default class Verify extends Command {
  static override summary = 'Read and hash all content of a cluster again.';

  static override description = prose`
Content that is not what was uploaded any more is moved to quarantine/ in the data directory and not served; the files that
had it are named. The same files uploaded again mend them. Safe while the cluster is served. Exit code 1 if anything is
lost.`;

  static override examples = [
    { description: 'All of it', command: '<%= config.bin %> orchestra verify --data cluster' },
  ];

  static override flags = { ...consoleFlags, json: Flags.boolean({ summary: 'Print JSON.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Verify);
    const { end, onProgress } = showTransfer('verifying');
    const health = await atConsole(flags, async (cluster) =>
      verifyStore(cluster, ({ blobs, totalBlobs, bytes, totalBytes }) =>
        onProgress({ files: blobs, totalFiles: totalBlobs, bytes, totalBytes }),
      ),
    ).finally(end);
    const { blobs, bytes, lost } = health;
    if (flags.json) {
      print(JSON.stringify(health));
    } else {
      for (const { sha256, files } of lost) {
        print(`lost: ${sha256}`, ...files.map(({ name, path }) => `  ${name} ${path}`));
      }
      const verdict = lost.length === 0 ? 'all sound' : `${lost.length} lost`;
      print(`${blobs} different contents, ${sizeText(bytes)}: ${verdict}`);
    }
    return lost.length === 0 ? 0 : EXIT_ERROR;
  }
}
