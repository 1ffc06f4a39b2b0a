import type { Cluster } from '../cluster.ts';
import type { Engine } from '../engine/engine.ts';
import type { TaskObservation } from '../engine/job-observation.ts';
import { statement } from '../state/statement.ts';
import type { StudyMaker } from './study-maker.ts';
import type { TaskRow } from './task-row.ts';

/** Looks at a task that has not ended; undefined where there is nothing to be recorded. */
export type ObserveTask = (task: TaskRow) => TaskObservation | undefined;

/**
 * Looks at tasks through their studies. What a task still waits for is asked of the engine on the way: its study to
 * be made, to be killed, or to run its failed jobs again. All of that may be asked twice, so that a server that dies
 * between the question and its record asks again.
 */
export function createObserver({ store, log }: Cluster, engine: Engine, maker: StudyMaker): ObserveTask {
  const killed = new Set<string>();

  const observeKilled = (task: TaskRow): TaskObservation | undefined => {
    if (maker.isMaking(task.id)) return undefined;
    if (!engine.hasStudy(task)) return { jobs: [], cursor: task.seen, hasEnded: true };
    const run = `${task.id}-${task.run}`;
    if (!killed.has(run)) engine.requestKill(task);
    killed.add(run);
    return engine.observe(task, task.seen);
  };
  const requestRetry = (task: TaskRow): void => {
    engine.requestRetryFailed(task);
    statement(store, 'UPDATE task SET wants_retry = 0 WHERE id = ? AND run = ?').run(task.id, task.run);
  };
  return (task) => {
    try {
      if (task.state === 'registered') return void maker.make(task);
      if (task.state === 'kill') return observeKilled(task);
      if (task.wantsRetry === 1) return void requestRetry(task);
      return engine.observe(task, task.seen);
    } catch (err) {
      log.error({ err, task: task.name }, 'a task could not be observed');
      return undefined;
    }
  };
}
