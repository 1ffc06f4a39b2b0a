import { the } from './container-plan.ts';
import { limitedInsideCommand } from './inside-command.ts';
import type { Runtime } from './runtime.ts';

/** No container at all: the job runs as whoever serves the cluster, sees all that this machine has, and leaves what it likes. */
export const none: Runtime = {
  name: 'none',
  takes: ['directory', 'sif', 'reference'],
  hasVolume: false,
  call: (plan) => ['env', ['CUDA_VISIBLE_DEVICES=', the('devices')], ...limitedInsideCommand(plan)],
};
