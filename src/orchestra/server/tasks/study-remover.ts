import type { Cluster } from '../cluster.ts';
import type { Engine } from '../engine/engine.ts';
import { endRemoval, plannedRemovals, type RunOfTask } from './removals.ts';

/** Removes the studies that nobody needs any more, beside the loop. */
export interface StudyRemover {
  /**
   * Begins with those that are noted, each at most once at a time. One that cannot be removed now stays noted, and is
   * tried again when this is called again, after a restart too.
   */
  removeNoted(): void;
  /** Resolves when no removal is under way; none may be begun any more. */
  close(): Promise<void>;
}

/** Removes studies with the engine. */
export function createStudyRemover({ store, log }: Cluster, engine: Engine): StudyRemover {
  const underWay = new Map<string, Promise<void>>();
  const remove = async (removal: RunOfTask, key: string): Promise<void> => {
    try {
      await engine.removeStudy(removal);
      endRemoval(store, removal);
    } catch (err) {
      log.info({ why: (err as Error).message, study: key }, 'a study could not be removed yet');
    } finally {
      underWay.delete(key);
    }
  };
  return {
    removeNoted() {
      for (const removal of plannedRemovals(store)) {
        const key = `${removal.id}-${removal.run}`;
        if (!underWay.has(key)) underWay.set(key, remove(removal, key));
      }
    },
    async close() {
      await Promise.all(underWay.values());
    },
  };
}
