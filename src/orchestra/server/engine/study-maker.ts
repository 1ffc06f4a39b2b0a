import { Worker } from 'node:worker_threads';
import type { StudyOrder } from './make-study.ts';

/** The thread's program: always the built one, as a conductor's is. */
const THREAD = new URL('../../../../dist/orchestra/server/engine/study-thread.js', import.meta.url);

/**
 * Makes a study in a thread of its own, so that the server goes on answering meanwhile. Throws an Error with the
 * reason where that fails.
 */
export function makeInThread(order: StudyOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(THREAD, { workerData: order });
    worker.once('message', (problem: string | undefined) => {
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that made the study has ended early')));
  });
}
