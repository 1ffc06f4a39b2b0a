import { Refusal } from '../../refusal.ts';
import type { QueueConfig } from '../config/config.ts';
import type { Image } from './container-plan.ts';
import type { ConcreteRuntime, Runtime } from './runtime.ts';
import { RUNTIMES } from './runtimes.ts';

/** What a trial of a runtime has shown: that it works and keeps what queues promise, or why not. */
export type Trial = { readonly works: true } | { readonly works: false; readonly why: string };

/** The trials of all runtimes of this machine. */
export type Trials = ReadonlyMap<ConcreteRuntime, Trial>;

/**
 * What runs an image in a queue: the runtime that its configuration names, else the fastest that works here and takes
 * that kind of image. Throws a Refusal `unprocessable` where there is none.
 */
export function chooseRuntime(queue: QueueConfig, image: Image, trials: Trials): Runtime {
  const candidates = candidatesFor(queue);
  const working = candidates.filter(({ name }) => trials.get(name)?.works === true);
  const chosen = working.find(({ takes }) => takes.includes(image.kind));
  if (chosen !== undefined) return chosen;
  if (working.length === 0) {
    const mend = 'the administrator finds out more by maestro doctor';
    throw new Refusal(
      'unprocessable',
      `queue ${queue.name} cannot run containers: ${reasons(candidates, trials)}`,
      mend,
    );
  }
  throw new Refusal(
    'unprocessable',
    unknownImage(queue, image),
    'ask an administrator to add the image to the cluster',
  );
}

/** The runtimes that the configuration of a queue allows. */
export function candidatesFor({ runtime = 'auto' }: QueueConfig): Runtime[] {
  return RUNTIMES.filter(({ name }) => (runtime === 'auto' ? name !== 'none' : name === runtime));
}

/** The names of the runtimes that some of these queues may use. */
export function neededRuntimes(queues: readonly QueueConfig[]): ConcreteRuntime[] {
  return [...new Set(queues.flatMap(candidatesFor))].map(({ name }) => name);
}

/** What is wrong with each of these runtimes, in one line. */
export function reasons(candidates: readonly Runtime[], trials: Trials): string {
  return candidates
    .map(({ name }) => {
      const trial = trials.get(name);
      return `${name}: ${trial === undefined || trial.works ? 'not tried' : trial.why}`;
    })
    .join('; ');
}

function unknownImage(queue: QueueConfig, image: Image): string {
  if (image.kind === 'reference')
    return `there is no image ${image.name}, and queue ${queue.name} can fetch none`;
  return `queue ${queue.name} cannot run images that are ${image.kind === 'sif' ? 'SIF files' : 'directories'}`;
}
