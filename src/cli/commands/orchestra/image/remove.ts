import { Args, Command } from '@oclif/core';
import { atConsole, removeImage } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class ImageRemove extends Command {
  static override summary = 'Remove a container image from a cluster, on the machine that it lies on.';

  static override description = prose`
Jobs of tasks that name it fail from then on, unless the runtime of their queue finds it in a registry.`;

  static override examples = ['<%= config.bin %> orchestra image remove python:3.12 --data cluster'];

  static override args = {
    name: Args.string({ required: true, description: 'The image.' }),
  };

  static override flags = consoleFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageRemove);
    await atConsole(flags, (cluster) => removeImage(cluster, args.name));
    print(`the image ${args.name} is removed`);
    return 0;
  }
}
