import { UserError } from '../../shared/errors.ts';
import type { Batch } from '../../shared/spec/specification.ts';
import type { Scheduler } from './scheduler.ts';

/** The adapter for the scheduler of a batch block. Throws a UserError for a type that has none. */
export function createScheduler(batch: Batch): Scheduler {
  throw new UserError(`steps cannot be run through ${batch.type} yet`, 'use --dry to write their scripts');
}
