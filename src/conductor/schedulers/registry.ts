import type { Batch } from '../../shared/spec/specification.ts';
import { isTorque } from '../../shared/study/script/pbs.ts';
import { createFluxScheduler } from './flux/flux-scheduler.ts';
import { createLsfScheduler } from './lsf/lsf-scheduler.ts';
import { createPbsScheduler } from './pbs/pbs-scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { createSlurmScheduler } from './slurm/slurm-scheduler.ts';

/** The adapter for the scheduler that a batch block names. A local study has none. */
export function createScheduler(batch: Batch): Scheduler {
  const { type, uri } = batch;
  switch (type) {
    case 'slurm':
      return createSlurmScheduler();
    case 'flux':
      return createFluxScheduler(uri === undefined ? {} : { uri });
    case 'lsf':
      return createLsfScheduler();
    case 'pbs':
      return createPbsScheduler({ flavour: isTorque(batch) ? 'torque' : 'openpbs' });
    case 'local':
      throw new Error('a local study has no batch scheduler');
  }
}
