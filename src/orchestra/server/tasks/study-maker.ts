import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import type { Engine } from '../engine/engine.ts';
import type { TaskPlan } from '../engine/task-plan.ts';
import { statement } from '../state/statement.ts';
import type { TaskRow } from './task-row.ts';

/** How the making of a study has ended. */
export type MadeStudy = { readonly id: number; readonly run: number } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string }
);

/** Makes the studies of registered tasks, beside the loop. */
export interface StudyMaker {
  /** Begins with the study of a task, unless that is under way. */
  make(task: TaskRow): void;
  isMaking(taskId: number): boolean;
  /** What has been made since the last question. */
  takeMade(): MadeStudy[];
  /** Tries nothing again; resolves when no study is being made. */
  close(): Promise<void>;
}

/** A study that cannot be made is tried so often: a full disk has been noticed and mended by then, or will not be. */
const MAX_TRIES = 8;

/** The pause after the first failure, in milliseconds; it doubles with each. */
const FIRST_PAUSE_MS = 2_000;

/** Makes studies with the engine, and calls back when there is one to be taken, made or given up. */
export function createStudyMaker(cluster: Cluster, engine: Engine, onMade: () => void): StudyMaker {
  const underWay = new Set<number>();
  const attempts = new Set<Promise<void>>();
  const pauses = new Set<() => void>();
  const made: MadeStudy[] = [];

  const finish = (outcome: MadeStudy): void => {
    underWay.delete(outcome.id);
    made.push(outcome);
    onMade();
  };
  const attempt = async (task: TaskRow, plan: TaskPlan, tries: number): Promise<void> => {
    const { id, run, name } = task;
    try {
      await engine.makeStudy(plan);
      finish({ id, run, ok: true });
    } catch (err) {
      if (err instanceof Refusal && err.code === 'unprocessable') {
        return finish({ id, run, ok: false, reason: err.message });
      }
      cluster.log.error({ err, task: name, tries }, 'the study of a task could not be made');
      if (tries >= MAX_TRIES) {
        const reason = `The server could not prepare it: ${(err as Error).message}`;
        return finish({ id, run, ok: false, reason });
      }
      const cancel = cluster.clock.after(FIRST_PAUSE_MS * 2 ** (tries - 1), () => {
        pauses.delete(cancel);
        begin(task, plan, tries + 1);
      });
      pauses.add(cancel);
    }
  };
  const begin = (task: TaskRow, plan: TaskPlan, tries: number): void => {
    const under = attempt(task, plan, tries).finally(() => attempts.delete(under));
    attempts.add(under);
  };
  return {
    make(task) {
      if (underWay.has(task.id)) return;
      underWay.add(task.id);
      const plan = planOf(cluster, task);
      if (plan === undefined) {
        finish({ id: task.id, run: task.run, ok: false, reason: `There is no queue ${task.queue} any more` });
      } else begin(task, plan, 1);
    },
    isMaking: (taskId) => underWay.has(taskId),
    takeMade: () => made.splice(0),
    async close() {
      await Promise.all(attempts);
      for (const cancel of pauses) cancel();
    },
  };
}

/** What a task's study is made from; undefined where its queue is no longer in the configuration. */
function planOf({ store, config }: Cluster, task: TaskRow): TaskPlan | undefined {
  const queue = config.queues.find(({ name }) => name === task.queue);
  if (queue === undefined) return undefined;
  const { id, run, owner, name, image, command, canaries } = task;
  const jobs = statement<{ number: number; input: string }>(
    store,
    'SELECT number, input FROM job WHERE task = ? ORDER BY number',
  ).all(id);
  return { id, run, owner, name, queue, image, command, jobs, canaries };
}
