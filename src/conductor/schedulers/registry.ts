import type { Batch } from '../../shared/spec/specification.ts';
import { createFluxScheduler } from './flux/flux-scheduler.ts';
import { createLsfScheduler } from './lsf/lsf-scheduler.ts';
import { createPbsScheduler } from './pbs/pbs-scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { createSlurmScheduler } from './slurm/slurm-scheduler.ts';

/** The adapter for the scheduler that a batch block names. A local study has none. */
export function createScheduler({ type, uri }: Batch): Scheduler {
  switch (type) {
    case 'slurm':
      return createSlurmScheduler();
    case 'flux':
      return createFluxScheduler(uri === undefined ? {} : { uri });
    case 'lsf':
      return createLsfScheduler();
    case 'pbs':
      return createPbsScheduler();
    case 'local':
      throw new Error('a local study has no batch scheduler');
  }
}
