import Tinypool from 'tinypool';
import type { Cluster } from '../cluster.ts';
import type { StudyOrder } from './make-study.ts';

/** The thread's program: always the built one, as a conductor's is. */
const THREAD = new URL('../../../../dist/orchestra/server/engine/study-thread.js', import.meta.url);

/** Each thread takes a core and some 50 MiB: a user may make a thousand tasks at once, whose studies wait here. */
const THREADS = 2;

/**
 * How long a thread stays without work, in milliseconds. Loading its program takes ten times as long as making a
 * small study, and tasks come in bursts; a server that idles keeps no memory for it.
 */
const IDLE_MS = 10_000;

/** Threads that make studies, a few at a time, so that the server goes on answering meanwhile. */
export interface StudyThreads {
  /**
   * Resolves when the study is made, and goes on with the directories of its outputs, which its jobs need not wait
   * for. Throws an Error with the reason where the study cannot be made.
   */
  make(order: StudyOrder): Promise<void>;
  /** What is under way is broken off: a study that was not made whole is made anew when it is asked for again. */
  close(): Promise<void>;
}

/** No thread yet: the first study brings the first. */
export function openStudyThreads(log: Cluster['log']): StudyThreads {
  const pool = new Tinypool({
    filename: THREAD.href,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: IDLE_MS,
    // A thread that waits in Atomics.wait runs nothing else, not even what a library has put off.
    useAtomics: false,
  });
  return {
    async make(order) {
      await pool.run(order);
      void pool.run(order, { name: 'makeOutputs' }).catch((err: unknown) => {
        log.info({ err, task: order.plan.name }, 'its jobs make the directories of their outputs themselves');
      });
    },
    close: () => pool.destroy(),
  };
}
