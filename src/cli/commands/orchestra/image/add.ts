import { resolve } from 'node:path';
import { Args, Command } from '@oclif/core';
import { addImage, atConsole } from '../../../../orchestra/server/main.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

export default class ImageAdd extends Command {
  static override summary = 'Add a container image to a cluster, on the machine that it lies on.';

  static override description = prose`
An image is a root file system: a directory, or a tar of one, as docker export and podman export write it; or a SIF file,
which apptainer runs. Tasks name it in --containerImage. An image of that name is replaced; jobs that run go on in the old
one. What a cluster does not have, podman, docker and apptainer fetch from a registry; bwrap and charliecloud need it here.`;

  static override examples = [
    {
      description: 'An image from a registry, for runtimes that fetch none',
      command:
        'docker export $(docker create python:3.12) -o python.tar && <%= config.bin %> orchestra image add python:3.12 python.tar --data cluster',
    },
    {
      description: 'A root file system',
      command: '<%= config.bin %> orchestra image add debian ./rootfs --data cluster',
    },
  ];

  static override args = {
    name: Args.string({
      required: true,
      description: 'What tasks call it, such as busybox or team/tool:1.2.',
    }),
    source: Args.string({ required: true, description: 'A directory, a tar, or a SIF file (.sif).' }),
  };

  static override flags = consoleFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageAdd);
    await atConsole(flags, (cluster) => addImage(cluster, args.name, resolve(args.source)));
    print(`the cluster has the image ${args.name}`);
    return 0;
  }
}
