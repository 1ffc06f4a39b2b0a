import { Command, Flags } from '@oclif/core';
import { atConsole, listImages } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../../../output.ts';
import { prose } from '../../../prose.ts';
import { imageLines } from '../../../render/image-list.ts';
import { createTheme } from '../../../render/theme.ts';

export default class ImageList extends Command {
  static override summary = 'List the container images that a cluster has, on the machine that it lies on.';

  static override description = prose`
--json prints {"images": [...]}, each with name, kind (directory or sif) and addedAt in Unix milliseconds.`;

  static override examples = ['<%= config.bin %> orchestra image list --data cluster'];

  static override flags = { ...consoleFlags, json: Flags.boolean({ summary: 'Print JSON.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ImageList);
    const images = await atConsole(flags, ({ directory }) => listImages(directory.images));
    if (flags.json) print(JSON.stringify({ images }, null, 2));
    else {
      const theme = createTheme(outputTakesColour());
      await printLines(imageLines(images, { theme, width: terminalWidth(), now: Date.now() }));
    }
    return 0;
  }
}
