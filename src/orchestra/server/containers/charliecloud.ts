import { type ContainerPlan, the, type Word } from './container-plan.ts';
import { INSIDE_ENVIRONMENT, limitedInsideCommand } from './inside-command.ts';
import { directoryOf } from './mount-points.ts';
import type { Runtime } from './runtime.ts';

/**
 * Puts together what is to be seen at /volume, in the namespaces that `unshare` has made, where nobody else sees it:
 * the user's directory, read-only, and the job's own on top of it. $1 is that directory, $2 the user, $3 the job's
 * output and $4 its place; what follows is called.
 */
const PREPARE = [
  'set -e',
  'mount -t tmpfs none /mnt',
  'mkdir "/mnt/$2"',
  'mount --bind "$1" "/mnt/$2"',
  'mount -o remount,bind,ro "/mnt/$2"',
  'mount --bind "$3" "/mnt${4#/volume}"',
  'shift 4',
  'exec "$@"',
].join('\n');

/**
 * Charliecloud separates files only, and lets every mount be written; `unshare` adds what is missing: no network, a
 * volume that is read-only, and an end for all of a job's processes with the first.
 */
export const charliecloud: Runtime = {
  name: 'charliecloud',
  takes: ['directory'],
  hasVolume: true,
  call: (plan) => [
    ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...(plan.hasNetwork ? [] : ['--net']),
    ...([
      '/bin/sh',
      '-c',
      PREPARE,
      'sh',
      plan.volume,
      plan.owner,
      [the('output')],
      [the('inside')],
    ] as Word[]),
    ...run(plan),
  ],
};

function run(plan: ContainerPlan): Word[] {
  return [
    // It will not start for a nameless user.
    ...['env', 'USER=root', 'ch-run', '--private-tmp', '--no-passwd', '--unset-env=*'],
    ...Object.entries(INSIDE_ENVIRONMENT).map(([name, value]) => `--set-env=${name}=${value}`),
    ['--set-env=CUDA_VISIBLE_DEVICES=', the('devices')],
    ...(['-b', '/mnt:/volume', '-c', [the('inside')], directoryOf(plan.image), '--'] as Word[]),
    ...limitedInsideCommand(plan),
  ];
}
