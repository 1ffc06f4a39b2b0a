import type { TaskObservation } from './job-observation.ts';
import type { TaskPlan, TaskRun } from './task-plan.ts';

/**
 * The room that knows studies: each run of a task is one, conducted by a process of its own that outlives the
 * server. The engine looks after the tasks that stand in the store in `testing`, `running` or `kill`: it shares
 * out the slots of their queues, starts conductors, and starts them again where they have died.
 */
export interface Engine {
  /**
   * Makes the study of a task's run, in another thread. It starts once the task stands in the store in `testing` or
   * `running`. A study of the same run that is there already stays, so that a server which died in between can ask again.
   * Throws a Refusal `unprocessable` for a task that no runtime can run here.
   */
  makeStudy(plan: TaskPlan): Promise<void>;
  /** Whether the run has a study. */
  hasStudy(task: TaskRun): boolean;
  /** What has happened to the jobs since the look that answered `after`; 0: all jobs. */
  observe(task: TaskRun, after: number): TaskObservation;
  /** Has all jobs of the run ended, and no more started. Its observation tells when that is so. */
  requestKill(task: TaskRun): void;
  /** Has the failed jobs of a run that has ended run again; answers their numbers. */
  requestRetryFailed(task: TaskRun): number[];
  /** Removes the study of a run, all that is left of it; its outputs are not the engine's. Nothing may run any more. */
  removeStudy(task: TaskRun): Promise<void>;
  /** Calls back, soon after it has happened, when there is something to observe of a task. */
  onChange(listener: (task: TaskRun) => void): void;
  /** Looks at once: a task has come, or a slot's owner has changed. */
  wake(): void;
  /** Why a queue cannot run anything now, as a sentence; undefined where it can. */
  troubleOf(queue: string): string | undefined;
  /** Lets go of everything; jobs run on. */
  close(): Promise<void>;
}
