import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { blobFile, showBlob } from './blobs.ts';
import { throwAway } from './trash.ts';
import { volumeDirectory } from './volume.ts';

/** What was wrong with the volume. */
export interface VolumeRepair {
  /** Files that the store has and the volume had not, or not whole. */
  readonly shown: number;
  /** Files and directories of the volume that the store knows nothing of. */
  readonly removed: number;
}

/**
 * Makes the volume show what the store says: after a crash it may lack the last files, or have some that were
 * never acknowledged. To be called before anything runs. The outputs of tasks are left as they are.
 */
export function repairVolume(cluster: Cluster): VolumeRepair {
  const { store, directory } = cluster;
  const datasets = new Map(
    statement<{ id: number; name: string; kind: string }>(store, 'SELECT id, name, kind FROM dataset')
      .all()
      .map((dataset) => [volumeDirectory(directory, dataset.name), dataset]),
  );
  let removed = removeUnknown(cluster, datasets);
  let shown = 0;
  for (const [root, { id, kind }] of datasets) {
    if (kind === 'outputs') continue;
    const repair = repairDataset(cluster, root, id);
    shown += repair.shown;
    removed += repair.removed;
  }
  return { shown, removed };
}

function removeUnknown(cluster: Cluster, datasets: ReadonlyMap<string, unknown>): number {
  const { volume } = cluster.directory;
  let removed = 0;
  for (const owner of readdirSync(volume, { withFileTypes: true })) {
    const home = join(volume, owner.name);
    const unknown = owner.isDirectory()
      ? readdirSync(home)
          .map((name) => join(home, name))
          .filter((path) => !datasets.has(path))
      : [home];
    for (const path of unknown) throwAway(cluster, path);
    removed += unknown.length;
  }
  return removed;
}

function repairDataset(cluster: Cluster, root: string, datasetId: number): VolumeRepair {
  const wanted = soundFiles(cluster, datasetId);
  let removed = 0;
  for (const { path, size } of filesBelow(root)) {
    const file = wanted.get(path);
    if (file?.size === size) {
      wanted.delete(path);
    } else {
      rmSync(join(root, path), { force: true });
      removed += file === undefined ? 1 : 0;
    }
  }
  let shown = 0;
  for (const [path, { sha256 }] of wanted) {
    if (showIfThere(cluster, sha256, join(root, path))) shown++;
  }
  return { shown, removed };
}

function soundFiles({ store }: Cluster, datasetId: number): Map<string, { sha256: string; size: number }> {
  const files = statement<{ path: string; sha256: string; size: number }>(
    store,
    `SELECT path, sha256, file.size FROM file JOIN blob USING (sha256) WHERE dataset = ? AND state = 'sound'`,
  ).all(datasetId);
  return new Map(files.map(({ path, sha256, size }) => [path, { sha256, size }]));
}

function showIfThere({ directory, log }: Cluster, sha256: string, path: string): boolean {
  if (lstatSync(blobFile(directory, sha256), { throwIfNoEntry: false }) === undefined) {
    // Reading it, or a verification of the whole store, will say so to whoever can do something about it.
    log.error({ sha256, path }, 'content is missing from the store');
    return false;
  }
  rmSync(path, { force: true, recursive: true });
  showBlob(directory, sha256, path);
  return true;
}

/** Whatever is no directory, with its size; what is no regular file has none. */
function* filesBelow(root: string, prefix = ''): Generator<{ path: string; size: number }> {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(join(root, prefix));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, `${path}/`);
    else yield { path, size: entry.isFile() ? lstatSync(join(root, path)).size : -1 };
  }
}

function readEntries(directory: string) {
  return readdirSync(directory, { withFileTypes: true });
}
