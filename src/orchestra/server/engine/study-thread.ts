import { makeStudyDirectory, type StudyOrder } from './make-study.ts';

/** What a thread does with each order that it is sent; throws what `makeStudyDirectory` throws. */
export default async function make(order: StudyOrder): Promise<void> {
  await makeStudyDirectory(order);
}
