import { type ContainerPlan, the, type Word } from './container-plan.ts';
import { INSIDE_ENVIRONMENT, limitedInsideCommand } from './inside-command.ts';
import type { Runtime } from './runtime.ts';

/** Apptainer, which once was Singularity: the runtime of most computing centres. */
export const apptainer: Runtime = {
  name: 'apptainer',
  takes: ['directory', 'sif', 'reference'],
  hasVolume: true,
  call: (plan) => [
    ...['apptainer', '--quiet', 'exec', '--containall', '--cleanenv', '--no-home'],
    ...(plan.hasNetwork ? [] : ['--net', '--network', 'none']),
    ...(plan.hasGpu ? ['--nv'] : []),
    ...environment(),
    ...([
      '--bind',
      `${plan.volume}:/volume/${plan.owner}:ro`,
      '--bind',
      [the('output'), ':', the('inside')],
    ] as Word[]),
    ...(['--pwd', [the('inside')], source(plan)] as Word[]),
    ...limitedInsideCommand(plan),
  ],
};

function environment(): Word[] {
  return ['--env', `HOME=${INSIDE_ENVIRONMENT.HOME}`, '--env', ['CUDA_VISIBLE_DEVICES=', the('devices')]];
}

function source({ image }: ContainerPlan): string {
  return image.kind === 'reference' ? `docker://${image.name}` : image.path;
}
