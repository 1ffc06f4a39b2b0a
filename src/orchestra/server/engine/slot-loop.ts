import { isStudyDirectory } from '../../../shared/state/store.ts';
import type { Cluster } from '../cluster.ts';
import type { QueueConfig } from '../config/config.ts';
import { allot, type Contender } from './allot.ts';
import type { Conductors } from './conductors.ts';
import { FollowedStudy } from './followed-study.ts';
import { type LiveTask, liveTasks } from './live-tasks.ts';
import { isLocalQueue } from './queue-batch.ts';
import { studyPlace } from './study-place.ts';
import type { Standing, StudyView } from './study-view.ts';
import type { TaskRun } from './task-plan.ts';

/** What the loop needs of the rest of the engine. */
export interface SlotLoopPorts {
  readonly conductors: Conductors;
  /** Whether jobs may be started in a queue now. */
  readonly isOpen: (queue: QueueConfig) => boolean;
  readonly onChange: (task: TaskRun) => void;
}

/** A live task, its study, and how that stands. */
interface Followed {
  readonly task: LiveTask;
  readonly study: FollowedStudy;
  readonly standing: Standing;
}

/**
 * Looks after the studies of live tasks, as often as `look` is called: sees what has happened, shares out the slots
 * of each queue, and sees to it that whoever may run something is conducted.
 */
export class SlotLoop {
  private readonly cluster: Cluster;
  private readonly ports: SlotLoopPorts;
  private readonly wake: () => void;
  private readonly studies = new Map<string, FollowedStudy>();

  constructor(cluster: Cluster, ports: SlotLoopPorts, wake: () => void) {
    this.cluster = cluster;
    this.ports = ports;
    this.wake = wake;
  }

  look(): void {
    const tasks = liveTasks(this.cluster);
    this.letGo(new Set(tasks.map(keyOf)));
    const followed = tasks.flatMap((task) => this.follow(task) ?? []);
    for (const { task, study, standing } of followed) {
      if (task.state === 'kill') this.end(study, standing);
    }
    const load = loadOf(followed);
    for (const queue of this.cluster.config.queues) {
      const inQueue = followed.filter(({ task }) => task.queue === queue.name && task.state !== 'kill');
      if (inQueue.length > 0) this.share(queue, inQueue, load);
    }
  }

  /** A view of a task's study that is open anyway, if there is one. */
  viewOf(task: TaskRun): StudyView | undefined {
    return this.studies.get(keyOf(task))?.view;
  }

  /** Lets go of a study, which is going to be removed. */
  forget(task: TaskRun): void {
    const study = this.studies.get(keyOf(task));
    study?.close();
    this.studies.delete(keyOf(task));
    if (study !== undefined) this.ports.conductors.forget(study.directory);
  }

  close(): void {
    for (const study of this.studies.values()) study.close();
    this.studies.clear();
  }

  /** A task that is no longer live has nothing more to run: canaries beside one that has failed are ended, too. */
  private letGo(live: ReadonlySet<string>): void {
    for (const [key, study] of this.studies) {
      if (live.has(key)) continue;
      study.cancel(study.standing(this.cluster.clock.now()));
      study.close();
      this.studies.delete(key);
      this.ports.conductors.forget(study.directory);
    }
  }

  private follow(task: LiveTask): Followed | undefined {
    try {
      const study = this.studies.get(keyOf(task)) ?? this.open(task);
      if (study === undefined) return undefined;
      if (study.view.refresh()) this.ports.onChange(task);
      return { task, study, standing: study.standing(this.cluster.clock.now()) };
    } catch (err) {
      this.cluster.log.error({ err, task: task.id }, 'the study of a task cannot be read');
      return undefined;
    }
  }

  private open(task: LiveTask): FollowedStudy | undefined {
    const directory = studyPlace(this.cluster.directory, task).study;
    const queue = this.cluster.config.queues.find(({ name }) => name === task.queue);
    if (queue === undefined || !isStudyDirectory(directory)) return undefined;
    const { canaries } = task;
    const study = new FollowedStudy(directory, {
      canaries,
      isLocal: isLocalQueue(queue),
      onChange: this.wake,
    });
    this.studies.set(keyOf(task), study);
    return study;
  }

  /** A study that is to be cancelled needs a conductor that does it. */
  private end(study: FollowedStudy, standing: Standing): void {
    study.cancel(standing);
    if (!standing.hasEnded && standing.conductor !== 'live') this.ports.conductors.start(study.directory);
  }

  private share(queue: QueueConfig, inQueue: readonly Followed[], load: ReadonlyMap<number, number>): void {
    const running = inQueue.filter(({ standing }) => !standing.hasEnded);
    const slots = this.ports.isOpen(queue) ? queue.slots : 0;
    const caps = allot(
      slots,
      running.map((entry) => this.contender(entry, load)),
    );
    for (const { task, study, standing } of running) {
      const cap = caps.get(task.id)!;
      const isConducted = standing.conductor === 'live' || this.ports.conductors.isStarting(study.directory);
      // One that only waits needs no conductor yet; one with nothing left to run needs it to come to its end.
      if (!isConducted && cap === 0 && standing.running === 0 && standing.ready > 0) continue;
      study.allow(cap, standing);
      if (!isConducted) this.ports.conductors.start(study.directory);
    }
  }

  private contender({ task, study, standing }: Followed, load: ReadonlyMap<number, number>): Contender {
    const { running, ready, conductor } = standing;
    const isConducted = conductor === 'live' || this.ports.conductors.isStarting(study.directory);
    return {
      task: task.id,
      user: task.user,
      maxPriority: task.maxPriority,
      load: load.get(task.user)!,
      running,
      ready,
      allowed: isConducted ? study.allowed(standing) : 0,
      isOwed: isConducted && ready > 0 && study.isOwed,
    };
  }
}

function keyOf({ id, run }: TaskRun): string {
  return `${id}-${run}`;
}

/** How many jobs each user has that are assigned or running. */
function loadOf(followed: readonly Followed[]): Map<number, number> {
  const load = new Map<number, number>();
  for (const { task, standing } of followed) {
    load.set(task.user, (load.get(task.user) ?? 0) + standing.running + standing.ready);
  }
  return load;
}
