import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { makeBlobDirectories } from './blobs.ts';
import { collectGarbage } from './collect-garbage.ts';
import { repairVolume } from './repair-volume.ts';
import { clearStaging } from './staging.ts';
import { removeForGood, trashDirectory } from './trash.ts';
import { resumableDirectory } from './upload-rows.ts';

/** How often garbage is collected while the server runs, in milliseconds: what is deleted frees its disk that day. */
const COLLECTION_MS = 6 * 3_600_000;

/**
 * Puts the files of all datasets in order after whatever ended the last server: the volume shows what the store
 * says, and what was half done is gone. To be called before anything is served or run.
 */
export function prepareDatasets(cluster: Cluster): void {
  makeBlobDirectories(cluster.directory);
  clearStaging(cluster.directory);
  mkdirSync(resumableDirectory(cluster.directory), { recursive: true, mode: 0o700 });
  const repair = repairVolume(cluster);
  if (repair.shown + repair.removed > 0)
    cluster.log.warn(repair, 'the volume has been repaired from the store');
  emptyTrash(cluster);
}

function emptyTrash(cluster: Cluster): void {
  const trash = trashDirectory(cluster);
  mkdirSync(trash, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(trash)) {
    void removeForGood(join(trash, name)).catch((err: unknown) => {
      cluster.log.warn({ err }, 'the trash could not be emptied');
    });
  }
}

/** Collects garbage now and then. The function that it returns ends that, and waits for what is under way. */
export function collectRegularly(cluster: Cluster): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let takeBack = (): void => {};
  let hasEnded = false;
  const plan = (): void => {
    takeBack = cluster.clock.after(COLLECTION_MS, () => {
      running = collect(cluster).then(() => {
        if (!hasEnded) plan();
      });
    });
  };
  plan();
  return async () => {
    hasEnded = true;
    takeBack();
    await running;
  };
}

async function collect(cluster: Cluster): Promise<void> {
  try {
    const collection = await collectGarbage(cluster);
    cluster.log.info(collection, 'garbage has been collected');
  } catch (err) {
    cluster.log.error({ err }, 'garbage could not be collected');
  }
}
