import { createHash } from 'node:crypto';
import PQueue from 'p-queue';
import { PACK_BYTES, unpack } from '../../file-pack.ts';
import { checkFilePath } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import type { Asker } from './asker.ts';
import { placeBlobs } from './blobs.ts';
import { checkMayFill, type NewFile, registerFiles } from './register-files.ts';
import { checkFileSize, checkFreeDisk } from './room.ts';
import { stageBuffer, unstage } from './staging.ts';

/** Files of one pack that are on their way to the disk at once: the disk brings several there as fast as one. */
const AT_ONCE = 16;

/**
 * Stores the files of a pack (src/orchestra/file-pack.ts) in a dataset: all, or none. They are on the disk for good
 * when this returns how many there were.
 *
 * Throws a Refusal for a pack that is malformed or cut, for a file that is not what its hash says, and for all
 * that `registerFiles` refuses.
 */
export async function storePack(
  cluster: Cluster,
  asker: Asker,
  datasetName: string,
  pack: AsyncIterable<Buffer>,
): Promise<number> {
  checkMayFill(cluster, asker.actor, datasetName);
  await checkFreeDisk(cluster, PACK_BYTES);
  const staged: NewFile[] = [];
  try {
    await stageAll(cluster, pack, staged);
    checkPathsDiffer(staged);
    await placeBlobs(cluster.directory, staged);
    registerFiles(cluster, asker, datasetName, staged);
    return staged.length;
  } finally {
    await unstage(staged);
  }
}

async function stageAll(cluster: Cluster, pack: AsyncIterable<Buffer>, staged: NewFile[]): Promise<void> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const failures: unknown[] = [];
  try {
    for await (const { path, sha256, content } of unpack(pack)) {
      checkFilePath(path);
      checkFileSize(cluster, path, content.length);
      if (createHash('sha256').update(content).digest('hex') !== sha256) throw isDamaged(path);
      await queue.onSizeLessThan(AT_ONCE);
      void queue
        .add(async () => {
          staged.push({ path, ...(await stageBuffer(cluster.directory, content, sha256)) });
        })
        .catch((error: unknown) => failures.push(error));
    }
  } finally {
    await queue.onIdle();
  }
  if (failures.length > 0) throw failures[0];
}

/** Two files of one pack under one path: one of them would be lost. */
function checkPathsDiffer(files: readonly NewFile[]): void {
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) throw new Refusal('bad-content', `${path} is in the pack twice`);
    paths.add(path);
  }
}

/** The refusal of content that is not what was announced. */
export function isDamaged(path: string): Refusal {
  const mend = 'upload it again';
  return new Refusal('bad-content', `${path} has not arrived as it was sent: its hash is another`, mend);
}
