import type { Cluster } from '../cluster.ts';
import type { QueueConfig } from '../config/config.ts';
import { probeRegularly } from '../probing.ts';
import {
  candidatesFor,
  chooseRuntime,
  neededRuntimes,
  reasons,
  type Trial,
  type Trials,
} from './choose-runtime.ts';
import type { Image } from './container-plan.ts';
import type { ConcreteRuntime, Runtime } from './runtime.ts';

/** Which runtimes work on this machine, tried again and again. */
export interface RuntimeWatch {
  /** What the trials have shown so far; waits for the first ones. */
  trials(): Promise<Trials>;
  /**
   * What runs an image in a queue, once there have been trials. Throws what `chooseRuntime` throws, and an Error where
   * containers have run in the queue and do not now: that will be mended, and a task can wait for it.
   */
  choose(queue: QueueConfig, image: Image): Promise<Runtime>;
  /** Why no container can run in a queue now, as a sentence; undefined where one can, and before the first trials. */
  troubleOf(queue: QueueConfig): string | undefined;
  close(): Promise<void>;
}

/** Tries these runtimes for real. */
export type TryRuntimes = (names: readonly ConcreteRuntime[]) => Promise<ReadonlyMap<ConcreteRuntime, Trial>>;

/** A trial starts a container, which costs some of them a second of a core. Milliseconds. */
const EVERY_MS = 60_000;

/**
 * Tries all runtimes that queues may use, and then in intervals the one that each queue uses; all of them again where
 * that has stopped working. `onChange` is called when a queue has fallen ill or is well again.
 */
export function watchRuntimes(
  { clock, log, config }: Pick<Cluster, 'clock' | 'log' | 'config'>,
  tryRuntimes: TryRuntimes,
  onChange: () => void,
): RuntimeWatch {
  const { queues } = config;
  let known: Trials = new Map();
  const haveRun = new Set<string>();
  const learn = async (names: readonly ConcreteRuntime[]): Promise<void> => {
    if (names.length === 0) return;
    const before = illOf(queues, known);
    known = new Map([...known, ...(await tryRuntimes(names))]);
    for (const queue of queues) if (canRun(queue, known)) haveRun.add(queue.name);
    if (illOf(queues, known) !== before) onChange();
  };
  const learnAll = (): Promise<void> => learn(neededRuntimes(queues));
  const look = async (how: () => Promise<void>): Promise<void> => {
    try {
      await how();
    } catch (err) {
      log.error({ err }, 'the container runtimes could not be tried');
    }
  };
  const first = look(learnAll);
  const probing = probeRegularly(clock, EVERY_MS, () =>
    look(async () => {
      await first;
      await learn(inUse(queues, known));
      if (illOf(queues, known) !== '') await learnAll();
    }),
  );
  const troubleOf = (queue: QueueConfig): string | undefined => {
    if (known.size === 0 || canRun(queue, known)) return undefined;
    return `it cannot run containers (${reasons(candidatesFor(queue), known)})`;
  };
  return {
    trials: async () => {
      await first;
      return known;
    },
    async choose(queue, image) {
      await first;
      if (known.size === 0) throw new Error('the container runtimes could not be tried');
      const trouble = troubleOf(queue);
      if (trouble !== undefined && haveRun.has(queue.name))
        throw new Error(`queue ${queue.name}: ${trouble}`);
      return chooseRuntime(queue, image, known);
    },
    troubleOf,
    close: () => probing.close(),
  };
}

function works(name: ConcreteRuntime, trials: Trials): boolean {
  return trials.get(name)?.works === true;
}

function canRun(queue: QueueConfig, trials: Trials): boolean {
  return candidatesFor(queue).some(({ name }) => works(name, trials));
}

/** Of each queue the runtime that it prefers of those that work; without containers there is nothing to try. */
function inUse(queues: readonly QueueConfig[], trials: Trials): ConcreteRuntime[] {
  const names = queues.flatMap(
    (queue) => candidatesFor(queue).find(({ name }) => works(name, trials))?.name ?? [],
  );
  return [...new Set(names)].filter((name) => name !== 'none');
}

function illOf(queues: readonly QueueConfig[], trials: Trials): string {
  return queues
    .filter((queue) => !canRun(queue, trials))
    .map(({ name }) => name)
    .join(' ');
}
