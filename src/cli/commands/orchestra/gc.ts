import { Command, Flags } from '@oclif/core';
import { atConsole, collectGarbage } from '../../../orchestra/server/main.ts';
import { sizeText } from '../../../orchestra/size-text.ts';
import { consoleFlags } from '../../console-flags.ts';
import { print } from '../../output.ts';
import { prose } from '../../prose.ts';

export default class Gc extends Command {
  static override summary = 'Remove content that no dataset of a cluster has any more.';

  static override description = prose`
Also uploads that have got nothing for three days, and empty directories. A cluster does it by itself every six hours while
it is served; what was stored within the last hour stays. Safe while the cluster is served.`;

  static override examples = [
    { description: 'Make room now', command: '<%= config.bin %> orchestra gc --data cluster' },
  ];

  static override flags = { ...consoleFlags, json: Flags.boolean({ summary: 'Print JSON.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Gc);
    const collection = await atConsole(flags, collectGarbage);
    const { blobs, bytes, uploads } = collection;
    if (flags.json) print(JSON.stringify(collection));
    else print(`removed ${blobs} contents (${sizeText(bytes)}) and ${uploads} uploads that will not go on`);
    return 0;
  }
}
