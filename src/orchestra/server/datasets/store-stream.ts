import { checkFilePath } from '../../names.ts';
import type { Cluster } from '../cluster.ts';
import type { Asker } from './asker.ts';
import { placeBlobs } from './blobs.ts';
import { checkMayFill, registerFiles } from './register-files.ts';
import { checkFreeDisk, checkQuota, roomOf, tooLarge, whileDiskLasts } from './room.ts';
import { stageStream, unstage } from './staging.ts';

/**
 * Stores what a stream brings as one file of a dataset, as older clients upload: in one go, without a hash. The
 * caller sees to it that a stream that was cut throws.
 *
 * Throws a Refusal of code `exists` where there is a file of that path, whatever its content, and for all else
 * that `registerFiles` refuses.
 */
export async function storeStream(
  cluster: Cluster,
  asker: Asker,
  {
    dataset,
    path,
    stream,
  }: { readonly dataset: string; readonly path: string; readonly stream: AsyncIterable<Buffer> },
): Promise<void> {
  checkFilePath(path);
  const ownerId = checkMayFill(cluster, asker.actor, dataset);
  await checkFreeDisk(cluster, 0);
  // Nobody has announced how much there is: whoever sends more than may be stored is told before all of it lies here.
  const maxBytes = roomOf(cluster, ownerId);
  const content = await stageStream(cluster.directory, whileDiskLasts(cluster, stream), {
    maxBytes,
    onTooLong: () => {
      checkQuota(cluster, ownerId, maxBytes + 1);
      return tooLarge(cluster, path);
    },
  });
  try {
    await placeBlobs(cluster.directory, [content]);
    registerFiles(cluster, asker, dataset, [{ path, ...content }], { again: 'never' });
  } finally {
    await unstage([content]);
  }
}
