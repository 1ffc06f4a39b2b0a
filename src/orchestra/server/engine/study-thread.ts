import { parentPort, workerData } from 'node:worker_threads';
import { makeStudyDirectory, type StudyOrder } from './make-study.ts';

/** The thread that makes one study, and says why where it cannot. */
try {
  await makeStudyDirectory(workerData as StudyOrder);
  parentPort?.postMessage(undefined);
} catch (error) {
  parentPort?.postMessage((error as Error).message);
}
