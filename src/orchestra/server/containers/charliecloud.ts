import { type ContainerPlan, the, type Word } from './container-plan.ts';
import { DEVICES, GPU_DEVICES } from './devices.ts';
import { INSIDE_ENVIRONMENT, limitedInsideCommand } from './inside-command.ts';
import { directoryOf } from './mount-points.ts';
import type { Runtime } from './runtime.ts';

/**
 * Puts together what is to be seen, in the namespaces that `unshare` has made, where nobody else sees it: at /volume
 * the user's directory, read-only, and the job's own on top of it; scratch of a bounded size; and of the machine's own
 * /dev, /sys and /proc/sys, which ch-run takes along as they are, what jobs may have. $1 is the user's directory, $2
 * the user, $3 the job's output, $4 its place, $5 the size and $6 the devices; what follows is called.
 *
 * None of this can be undone by the job: the namespace that ch-run makes for it is one with fewer rights.
 */
const PREPARE = [
  'set -e',
  'mount -t tmpfs none /mnt',
  'mkdir /mnt/tmp /mnt/volume "/mnt/volume/$2" /mnt/dev /mnt/dev/shm',
  'for place in tmp dev/shm; do mount -t tmpfs ${5:+-o "size=$5"} none "/mnt/$place"; done',
  'for device in $6; do',
  '  if [ -d "/dev/$device" ]; then mkdir "/mnt/dev/$device"',
  '  elif [ -e "/dev/$device" ]; then : >"/mnt/dev/$device"',
  '  else continue; fi',
  '  mount --bind "/dev/$device" "/mnt/dev/$device"',
  'done',
  'ln -s /proc/self/fd /mnt/dev/fd',
  'mount --bind "$1" "/mnt/volume/$2"',
  'mount -o remount,bind,ro "/mnt/volume/$2"',
  'mount --bind "$3" "/mnt$4"',
  'mount -o remount,ro /mnt',
  'mount --rbind /mnt/dev /dev',
  'mount -t tmpfs -o ro none /sys',
  'mount --bind /proc/sys /proc/sys',
  'mount -o remount,bind,ro /proc/sys',
  'shift 6',
  'exec "$@"',
].join('\n');

/** Whoever serves the cluster is nobody inside: root of a namespace could mount what it likes there. */
const NOBODY = ['--uid=65534', '--gid=65534'];

/**
 * Charliecloud separates files only, and lets every mount be written; `unshare` adds what is missing: no network, a
 * volume that is read-only, no devices and settings of the machine, and an end for all of a job's processes with the
 * first.
 */
export const charliecloud: Runtime = {
  name: 'charliecloud',
  takes: ['directory'],
  hasVolume: true,
  call: (plan) => [
    ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...(plan.hasNetwork ? [] : ['--net']),
    ...prepare(plan),
    ...run(plan),
  ],
};

function prepare({ volume, owner, memory, hasGpu }: ContainerPlan): Word[] {
  const size = memory === undefined ? '' : `${memory}m`;
  const devices = [...DEVICES, ...(hasGpu ? GPU_DEVICES : [])].join(' ');
  return [
    ...['/bin/sh', '-c', PREPARE, 'sh', volume, owner],
    [the('output')],
    [the('inside')],
    ...[size, devices],
  ];
}

function run(plan: ContainerPlan): Word[] {
  return [
    // It will not start for a nameless user.
    ...['env', 'USER=root', 'ch-run', '--private-tmp', '--no-passwd', ...NOBODY, '--unset-env=*'],
    ...Object.entries(INSIDE_ENVIRONMENT).map(([name, value]) => `--set-env=${name}=${value}`),
    ['--set-env=CUDA_VISIBLE_DEVICES=', the('devices')],
    ...['-b', '/mnt/volume:/volume', '-b', '/mnt/tmp:/tmp'],
    ...(['-c', [the('inside')], directoryOf(plan.image), '--'] as Word[]),
    ...limitedInsideCommand(plan),
  ];
}
