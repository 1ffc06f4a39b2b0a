import type { Cluster } from '../cluster.ts';
import type { Engine } from '../engine/engine.ts';
import { endRemoval, plannedRemovals } from './removals.ts';

/**
 * Answers what removes the studies that nobody needs any more, beside the loop, each at most once at a time. One that
 * cannot be removed now stays noted, and is tried again when the function is called again, after a restart too.
 */
export function createStudyRemover({ store, log }: Cluster, engine: Engine): () => void {
  const underWay = new Set<string>();
  return () => {
    for (const removal of plannedRemovals(store)) {
      const key = `${removal.id}-${removal.run}`;
      if (underWay.has(key)) continue;
      underWay.add(key);
      engine
        .removeStudy(removal)
        .then(() => endRemoval(store, removal))
        .catch((err: unknown) => log.warn({ err, study: key }, 'a study could not be removed yet'))
        .finally(() => underWay.delete(key));
    }
  };
}
