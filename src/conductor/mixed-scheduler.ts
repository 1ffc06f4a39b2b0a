import type { Launch } from './dispatch.ts';
import type { LocalScheduler } from './local/local-scheduler.ts';
import type { StepScheduler } from './loop-ports.ts';
import type { AttemptKey } from './observation.ts';

/** Steps that ask for nodes or procs go to the batch scheduler, the rest run beside the conductor. */
export function createMixedScheduler(
  local: LocalScheduler,
  batch: StepScheduler,
  isScheduled: (step: number) => boolean,
): LocalScheduler {
  const split = <Item>(items: readonly Item[], stepOf: (item: Item) => number): [Item[], Item[]] => {
    const here: Item[] = [];
    const there: Item[] = [];
    for (const item of items) (isScheduled(stepOf(item)) ? there : here).push(item);
    return [here, there];
  };
  return {
    launch(launches: readonly Launch[]) {
      const [here, there] = split(launches, ({ flight }) => flight.step);
      if (here.length > 0) local.launch(here);
      if (there.length > 0) batch.launch(there);
    },
    cancel(attempts: readonly AttemptKey[]) {
      const [here, there] = split(attempts, ({ step }) => step);
      if (here.length > 0) local.cancel(here);
      if (there.length > 0) batch.cancel(there);
    },
    resize: (cores) => local.resize(cores),
    close() {
      local.close();
      batch.close();
    },
  };
}
