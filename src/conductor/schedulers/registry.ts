import { UserError } from '../../shared/errors.ts';
import type { Batch } from '../../shared/spec/specification.ts';
import type { Scheduler } from './scheduler.ts';
import { createSlurmScheduler } from './slurm/slurm-scheduler.ts';

/** The adapter for the scheduler of a batch block. Throws a UserError for a type that has none. */
export function createScheduler(batch: Batch): Scheduler {
  switch (batch.type) {
    case 'slurm':
      return createSlurmScheduler();
    case 'local':
    case 'lsf':
    case 'flux':
    case 'pbs':
      throw new UserError(
        `steps cannot be run through ${batch.type} yet`,
        'use --dry to write their scripts',
      );
  }
}
