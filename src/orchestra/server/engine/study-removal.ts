import { renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requestCancel } from '../../../shared/control.ts';
import { isStudyDirectory } from '../../../shared/state/store.ts';
import type { Conductors } from './conductors.ts';
import type { StudyPlace } from './study-place.ts';
import { StudyView } from './study-view.ts';

/**
 * Whether nothing of a study runs, and nobody conducts it. Otherwise it is cancelled, so that it will be so before
 * long.
 */
export function isAtRest({ study }: StudyPlace, now: number, conductors: Conductors): boolean {
  if (!isStudyDirectory(study)) return true;
  const view = new StudyView(study, 0);
  try {
    view.refresh();
    const { conductor, running, hasEnded, isCancelling } = view.standing(now, true);
    if (conductor !== 'live' && (hasEnded || running === 0) && !conductors.isStarting(study)) return true;
    if (hasEnded) return false;
    if (!isCancelling) requestCancel(study);
    if (conductor !== 'live') conductors.start(study);
    return false;
  } finally {
    view.close();
  }
}

/** Removes a study that is at rest. It is gone from its place at once; that its files are gone may take a while. */
export async function removePlace({ study, program }: StudyPlace, suffix: string): Promise<void> {
  const aside = join(dirname(study), `.removed-${suffix}`);
  if (isStudyDirectory(study)) renameSync(study, aside);
  for (const directory of [aside, study, program]) await rm(directory, { recursive: true, force: true });
}
