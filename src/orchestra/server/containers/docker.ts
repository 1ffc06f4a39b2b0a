import { the, type Word } from './container-plan.ts';
import { insideCommand } from './inside-command.ts';
import { sharedOptions } from './podman.ts';
import type { Runtime } from './runtime.ts';

/** Docker's daemon runs containers, whatever becomes of the caller: they are ended by name. */
export const docker: Runtime = {
  name: 'docker',
  takes: ['reference'],
  hasVolume: true,
  call: (plan) => {
    if (plan.image.kind !== 'reference') throw new Error('docker runs what it finds in a registry');
    return [
      ...(['docker', 'run', '--rm', '--name', [the('container')], '--label', 'maestro'] as Word[]),
      // The daemon is root: what jobs write is to belong to whoever serves the cluster.
      ...['--user', plan.user],
      ...sharedOptions(plan),
      ...(plan.hasGpu ? ['--gpus', 'all'] : []),
      plan.image.name,
      ...insideCommand(),
    ];
  },
  end: ['docker', 'rm', '--force', [the('container')]],
};
