import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { requestCancel } from '../../../shared/control.ts';
import { leaveRepair } from '../../../shared/repair-request.ts';
import { isStudyDirectory } from '../../../shared/state/store.ts';
import type { Cluster } from '../cluster.ts';
import type { Trials } from '../containers/choose-runtime.ts';
import { imageOf } from '../containers/images.ts';
import { type ContainerJob, sweepContainers } from '../containers/sweep.ts';
import { tryRuntimes } from '../containers/try-runtimes.ts';
import { createConductors } from './conductors.ts';
import type { TaskObservation } from './job-observation.ts';
import type { JobMeans } from './job-settings.ts';
import { createLooking } from './looking.ts';
import { isLocalQueue } from './queue-batch.ts';
import { watchHealth } from './queue-health.ts';
import { SlotLoop, type SlotLoopPorts } from './slot-loop.ts';
import { studyPlace } from './study-place.ts';
import { isAtRest, removePlace } from './study-removal.ts';
import { openStudyThreads } from './study-threads.ts';
import { StudyView } from './study-view.ts';
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

/** Starts the engine of a cluster. It finds again what an earlier one has left, and goes on from there. */
export function createEngine(cluster: Cluster): Engine {
  const { directory, clock, log } = cluster;
  const listeners: ((task: TaskRun) => void)[] = [];
  const clusterName = `maestro-${createHash('sha256').update(directory.root).digest('hex').slice(0, 10)}`;
  const placeOf = (task: TaskRun) => studyPlace(directory, task);
  const health = watchHealth(
    cluster,
    (names) => tryRuntimes(directory.uploads, clusterName, names),
    () => looking.wake(),
  );
  const threads = openStudyThreads(log);
  const conductors = createConductors(cluster, () => looking.wake());
  const ports: SlotLoopPorts = {
    conductors,
    isOpen: (queue) => health.isOpen(queue),
    onChange: (task) => {
      for (const listener of listeners) listener(task);
    },
  };
  const loop = new SlotLoop(cluster, ports, () => looking.wake());
  const looking = createLooking(clock, () => {
    try {
      loop.look();
    } catch (err) {
      log.error({ err }, 'the tasks could not be looked after');
    }
  });
  const swept = health.runtimes.trials().then((known) => sweep(cluster, clusterName, known));
  warnOfNone(cluster);

  return {
    async makeStudy(plan) {
      const previous = { ...plan, run: plan.run - 1 };
      if (!isAtRest(placeOf(previous), clock.now(), conductors)) {
        throw new Error('jobs of the previous run are still being ended');
      }
      const runtime = await health.runtimes.choose(plan.queue, imageOf(directory.images, plan.image));
      const means = meansOf(cluster, plan, clusterName);
      await threads.make({ plan, runtime: runtime.name, means, place: placeOf(plan) });
    },
    hasStudy: (task) => isStudyDirectory(placeOf(task).study),
    observe(task, after) {
      const look = (view: StudyView): TaskObservation => view.observe(after);
      const open = loop.viewOf(task);
      return open === undefined ? withView(placeOf(task).study, look) : look(open);
    },
    requestKill(task) {
      if (isStudyDirectory(placeOf(task).study)) requestCancel(placeOf(task).study);
      looking.wake();
    },
    requestRetryFailed(task) {
      const { study } = placeOf(task);
      const steps = withView(study, (view) => view.failed());
      if (steps.length > 0) leaveRepair(study, { kind: 'retry', steps, descendants: true, clean: false });
      looking.wake();
      return steps;
    },
    async removeStudy(task) {
      loop.forget(task);
      if (!isAtRest(placeOf(task), clock.now(), conductors))
        throw new Error('its jobs are still being ended');
      await removePlace(placeOf(task), randomBytes(6).toString('hex'));
    },
    onChange: (listener) => void listeners.push(listener),
    wake: () => looking.wake(),
    troubleOf: (queue) => health.troubleOf(queue),
    async close() {
      looking.close();
      await threads.close();
      await conductors.close();
      await Promise.all([swept, health.close()]);
      loop.close();
    },
  };
}

function warnOfNone({ config, log }: Cluster): void {
  if (!config.queues.some(({ runtime }) => runtime === 'none')) return;
  log.warn(
    'a queue has the runtime none: its jobs run without a container, and see all that the server sees',
  );
}

/** Ends what an earlier server's jobs may have left. That it cannot be done now is no reason not to serve. */
async function sweep(cluster: Cluster, clusterName: string, trials: Trials): Promise<void> {
  const { directory, log } = cluster;
  const working = [...trials].flatMap(([name, { works }]) => (works ? [name] : []));
  const isGone = (job: ContainerJob): boolean => {
    const { study } = studyPlace(directory, job);
    return !isStudyDirectory(study) || !withView(study, (view) => view.isInFlight(job.number));
  };
  try {
    await sweepContainers(clusterName, working, { isGone, log });
  } catch (err) {
    log.error({ err }, 'containers whose jobs are gone could not be looked for');
  }
}

function meansOf({ directory }: Cluster, plan: TaskPlan, clusterName: string): Omit<JobMeans, 'runtime'> {
  const { queue, owner } = plan;
  return {
    container: {
      image: imageOf(directory.images, plan.image),
      volume: join(directory.volume, owner),
      owner,
      user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
      hasNetwork: queue.network ?? false,
      memory: queue.memory,
      processes: queue.processes,
      hasGpu: queue.gpus !== undefined,
    },
    containerPrefix: clusterName,
    places: {
      volume: directory.volume,
      inputs: `${studyPlace(directory, plan).program}/inputs`,
      devices: join(directory.root, 'devices'),
    },
    gpus: isLocalQueue(queue) ? (queue.gpus ?? []) : [],
  };
}

function withView<Result>(study: string, look: (view: StudyView) => Result): Result {
  const view = new StudyView(study, 0);
  try {
    return look(view);
  } finally {
    view.close();
  }
}
