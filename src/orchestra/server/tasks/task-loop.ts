import type { Cluster } from '../cluster.ts';
import type { Engine } from '../engine/engine.ts';
import type { PostOffice } from '../mail/post-office.ts';
import { createObserver, type ObserveTask } from './observe-task.ts';
import { reapTasks } from './reap-tasks.ts';
import { enterState, recordObservation, recordStart } from './record-observation.ts';
import { createStudyMaker, type MadeStudy } from './study-maker.ts';
import { createStudyRemover } from './study-remover.ts';
import { taskById, tasksIn } from './task-row.ts';
import { ACTIVE_STATES, hasEnded } from './task-states.ts';

/** Turns what is seen of studies into states of tasks, as long as it runs. */
export interface TaskLoop {
  /** Looks at a task soon, which has been made, killed or retried; without an id, at all that have not ended. */
  wake(taskId?: number): void;
  /** Takes no further turn; resolves when nothing of the last one is under way. */
  close(): Promise<void>;
}

/** Turns follow each other no faster, in milliseconds: what many jobs do at once is recorded at once. */
const PAUSE_MS = 100;

/** At least so often every task is looked at, ended ones are reaped and studies removed, in milliseconds. */
const ROUND_MS = 60_000;

/** After a turn that could not be recorded, such as on a full disk, the next one waits so long, in milliseconds. */
const TROUBLE_PAUSE_MS = 5_000;

/**
 * Starts the loop: observe, decide, record in one transaction, act. It takes up whatever the last one left, which may
 * have died at any moment.
 */
export function startTaskLoop(cluster: Cluster, engine: Engine, postOffice: PostOffice): TaskLoop {
  const { clock, log } = cluster;
  const changed = new Set<number>();
  let isClosed = false;
  let lastTurn = Number.NEGATIVE_INFINITY;
  let cancelTurn: (() => void) | undefined;
  let cancelRound = (): void => {};

  const schedule = (pause: number): void => {
    if (!isClosed) cancelTurn ??= clock.after(Math.max(0, lastTurn + pause - clock.elapsed()), turn);
  };
  const maker = createStudyMaker(cluster, engine, () => schedule(PAUSE_MS));
  const remover = createStudyRemover(cluster, engine);
  const observe = createObserver(cluster, engine, maker);

  const turn = (): void => {
    cancelTurn = undefined;
    lastTurn = clock.elapsed();
    const ids = [...changed];
    changed.clear();
    const made = maker.takeMade();
    const madeIds = made.map(({ id }) => id);
    try {
      takeTurn(cluster, observe, ids, made);
    } catch (err) {
      log.error({ err }, 'what has become of tasks could not be recorded');
      for (const id of [...ids, ...madeIds]) changed.add(id);
      schedule(TROUBLE_PAUSE_MS);
      return;
    }
    if (made.length > 0) {
      engine.wake();
      wakeAll(madeIds);
    }
    remover.removeNoted();
    postOffice.wake();
  };
  const wakeAll = (ids: Iterable<number>): void => {
    for (const id of ids) changed.add(id);
    schedule(PAUSE_MS);
  };
  const round = (): void => {
    try {
      reapTasks(cluster);
    } catch (err) {
      log.error({ err }, 'tasks that ended long ago could not be reaped');
    }
    wakeAll(tasksIn(cluster.store, ACTIVE_STATES).map(({ id }) => id));
    cancelRound = clock.after(ROUND_MS, round);
  };
  engine.onChange(({ id }) => wakeAll([id]));
  round();
  return {
    wake: (taskId) => wakeAll(taskId === undefined ? [] : [taskId]),
    async close() {
      isClosed = true;
      cancelTurn?.();
      cancelRound();
      await Promise.all([maker.close(), remover.close()]);
    },
  };
}

/** One turn: looks at tasks, and records together what was seen and what has been made. */
function takeTurn(
  cluster: Cluster,
  observe: ObserveTask,
  ids: readonly number[],
  made: readonly MadeStudy[],
): void {
  const { store } = cluster;
  const observations = ids.flatMap((id) => {
    const task = taskById(store, id);
    const observation = task === undefined || hasEnded(task.state) ? undefined : observe(task);
    return task === undefined || observation === undefined ? [] : [{ task, observation }];
  });
  if (observations.length === 0 && made.length === 0) return;
  store
    .transaction(() => {
      for (const study of made) recordMade(cluster, study);
      for (const { task, observation } of observations) recordObservation(cluster, task, observation);
    })
    .immediate();
}

/** A task that was killed while its study was made stays so. */
function recordMade(cluster: Cluster, study: MadeStudy): void {
  const task = taskById(cluster.store, study.id);
  if (task === undefined || task.state !== 'registered' || task.run !== study.run) return;
  if (study.ok) recordStart(cluster, task);
  else enterState(cluster, task, 'broken', study.reason);
}
