import { type ContainerPlan, the, type Word } from './container-plan.ts';
import { INSIDE_ENVIRONMENT, insideCommand } from './inside-command.ts';
import type { Runtime } from './runtime.ts';

/** Processes that a container may have whose queue does not say: what podman would ask for is more than most users may give. */
const PROCESSES = 4096;
const OPEN_FILES = '1024:4096';

/** Podman starts containers without a daemon, but watches over them apart from its caller: they are ended by name. */
export const podman: Runtime = {
  name: 'podman',
  takes: ['directory', 'reference'],
  hasVolume: true,
  call: (plan) => [
    ...(['podman', 'run', '--rm', '--name', [the('container')], '--label', 'maestro'] as Word[]),
    ...['--ulimit', `nofile=${OPEN_FILES}`, '--ulimit', `nproc=${PROCESSES}:${PROCESSES}`],
    ...sharedOptions(plan),
    // It would add places to write to that are memory of any size.
    '--read-only-tmpfs=false',
    ...(plan.hasGpu ? ['--device', 'nvidia.com/gpu=all'] : []),
    ...image(plan),
    ...insideCommand(),
  ],
  end: ['podman', 'rm', '--force', '--time', '0', [the('container')]],
};

/** What podman and docker understand alike. */
export function sharedOptions({ volume, owner, hasNetwork, memory, processes }: ContainerPlan): Word[] {
  return [
    ...(hasNetwork ? [] : ['--network', 'none']),
    ...['--read-only', '--tmpfs', memory === undefined ? '/tmp' : `/tmp:size=${memory}m`],
    ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...(memory === undefined ? [] : ['--memory', `${memory}m`]),
    ...(processes === undefined ? [] : ['--pids-limit', String(processes)]),
    ...([
      '--volume',
      `${volume}:/volume/${owner}:ro`,
      '--volume',
      [the('output'), ':', the('inside')],
    ] as Word[]),
    ...(['--workdir', [the('inside')]] as Word[]),
    // An image brings its own PATH.
    ...([
      '--env',
      `HOME=${INSIDE_ENVIRONMENT.HOME}`,
      '--env',
      ['CUDA_VISIBLE_DEVICES=', the('devices')],
    ] as Word[]),
    ...['--entrypoint', ''],
  ];
}

function image({ image: wanted }: ContainerPlan): Word[] {
  if (wanted.kind === 'reference') return [wanted.name];
  return ['--env', `PATH=${INSIDE_ENVIRONMENT.PATH}`, '--rootfs', wanted.path];
}
