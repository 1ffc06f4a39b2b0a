import { type ContainerPlan, the, type Word } from './container-plan.ts';
import { GPU_DEVICES } from './devices.ts';
import { INSIDE_ENVIRONMENT, limitedInsideCommand } from './inside-command.ts';
import { directoryOf } from './mount-points.ts';
import type { Runtime } from './runtime.ts';

/**
 * Bubblewrap: namespaces of its own for everything, and nothing left of them when it ends, however it ends. The
 * image is mounted read-only, so that jobs can share it.
 */
export const bwrap: Runtime = {
  name: 'bwrap',
  takes: ['directory'],
  hasVolume: true,
  call: (plan) => [
    'bwrap',
    '--unshare-all',
    ...(plan.hasNetwork ? ['--share-net'] : []),
    '--die-with-parent',
    '--new-session',
    // Served by root, jobs would have all of root's powers over these mounts, such as to make them writable.
    '--cap-drop',
    'ALL',
    '--clearenv',
    ...Object.entries(INSIDE_ENVIRONMENT).flatMap(([name, value]) => ['--setenv', name, value]),
    '--setenv',
    'CUDA_VISIBLE_DEVICES',
    [the('devices')],
    ...mounts(plan),
    '--chdir',
    [the('inside')],
    '--',
    ...limitedInsideCommand(plan),
  ],
};

const MIB = 1024 * 1024;

function mounts({ image, volume, owner, memory, hasNetwork, hasGpu }: ContainerPlan): Word[] {
  const own = `/volume/${owner}`;
  // What lies in these is memory too, and no process's.
  const scratch = (path: string): string[] => [
    ...(memory === undefined ? [] : ['--size', String(memory * MIB)]),
    ...['--tmpfs', path],
  ];
  return [
    ...['--ro-bind', directoryOf(image), '/', '--proc', '/proc', '--dev', '/dev'],
    ...(hasGpu ? GPU_DEVICES.flatMap(device) : []),
    ...scratch('/dev/shm'),
    ...['--remount-ro', '/dev'],
    ...scratch('/tmp'),
    // Settings of the whole machine: the files belong to root, whom a job may run as.
    ...['--ro-bind', '/proc/sys', '/proc/sys'],
    ...['--tmpfs', '/volume', '--ro-bind', volume, own, '--bind', [the('output')], [the('inside')]],
    ...['--remount-ro', '/volume'],
    ...(hasNetwork ? ['--ro-bind-try', '/etc/resolv.conf', '/etc/resolv.conf'] : []),
  ];
}

function device(name: string): string[] {
  return ['--dev-bind-try', `/dev/${name}`, `/dev/${name}`];
}
