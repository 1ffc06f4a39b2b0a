import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { jobName } from '../../job-name.ts';
import type { JobPlaces } from './job-settings.ts';
import type { TaskPlan } from './task-plan.ts';

/** So many jobs find their directories whenever they begin; those of a large task are made while the first ones run. */
const FIRST = 100;

/** Which jobs' directories are to be made. */
export type OutputPart = 'first' | 'rest';

/**
 * Makes the directories that the jobs of a task write into, in their order: one that finds its own has a process less
 * to start, and one that does not makes it itself. Ends early where the task has been deleted meanwhile, and makes
 * nothing again of it; throws what the file system throws.
 */
export function makeOutputDirectories(
  { owner, name, jobs }: TaskPlan,
  { volume }: Pick<JobPlaces, 'volume'>,
  part: OutputPart,
): void {
  const outputs = join(volume, owner, name);
  for (const { number } of part === 'first' ? jobs.slice(0, FIRST) : jobs.slice(FIRST)) {
    try {
      mkdirSync(join(outputs, jobName(number)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EEXIST') throw error;
    }
  }
}
