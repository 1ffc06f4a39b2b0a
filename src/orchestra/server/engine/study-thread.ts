import { giveWay } from '../../../shared/give-way.ts';
import { makeStudyDirectory, type StudyOrder } from './make-study.ts';
import { makeOutputDirectories } from './output-directories.ts';

// The server's own thread answers requests meanwhile.
giveWay();

/** What a thread does with each order that it is sent; throws what `makeStudyDirectory` throws. */
export default async function make(order: StudyOrder): Promise<void> {
  await makeStudyDirectory(order);
}

/** What a thread does once that has been done. */
export function makeOutputs({ plan, means }: StudyOrder): void {
  makeOutputDirectories(plan, means.places, 'rest');
}
