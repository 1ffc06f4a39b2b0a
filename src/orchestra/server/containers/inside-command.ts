import { type ContainerPlan, the, type Word } from './container-plan.ts';

/** Shells differ in the letter; a limit that the system does not know is no reason not to run. */
const LIMITED = [
  '[ -z "$1" ] || ulimit -v "$1" 2>/dev/null',
  '[ -z "$2" ] || ulimit -u "$2" 2>/dev/null || ulimit -p "$2" 2>/dev/null',
  'exec /bin/sh -c "$3"',
].join('; ');

/** What a container runs: the job's command. */
export function insideCommand(): Word[] {
  return ['/bin/sh', '-c', [the('command')]];
}

/**
 * The same for runtimes that cannot limit memory and processes themselves: the kernel limits each process's address
 * space, and how many processes the user has in the container.
 */
export function limitedInsideCommand({ memory, processes }: ContainerPlan): Word[] {
  if (memory === undefined && processes === undefined) return insideCommand();
  const kibibytes = memory === undefined ? '' : String(memory * 1024);
  return ['/bin/sh', '-c', LIMITED, 'sh', kibibytes, String(processes ?? ''), [the('command')]];
}

/** What every container's environment is, whatever the server's own may hold. */
export const INSIDE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
} as const;
