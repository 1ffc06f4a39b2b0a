import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import type { StudyOrder } from './make-study.ts';

/** The thread's program: always the built one, as a conductor's is. */
const THREAD = new URL('../../../../dist/orchestra/server/engine/study-thread.js', import.meta.url);

/** Each thread takes a core and some 50 MiB: a user may make a thousand tasks at once, whose studies wait here. */
const THREADS = 2;

const turns = new PQueue({ concurrency: THREADS });

/**
 * Makes a study in a thread of its own, so that the server goes on answering meanwhile, a few at a time. Throws an
 * Error with the reason where that fails.
 */
export async function makeInThread(order: StudyOrder): Promise<void> {
  await turns.add(() => inThread(order));
}

function inThread(order: StudyOrder): Promise<void> {
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
