import { checkFilePath } from '../../names.ts';
import type { Cluster } from '../cluster.ts';
import type { Asker } from './asker.ts';
import { placeBlobs } from './blobs.ts';
import { checkMayFill, registerFiles } from './register-files.ts';
import { checkFreeDisk, tooLarge } from './room.ts';
import { stageStream, unstage } from './staging.ts';

const MIB = 1024 * 1024;

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
  checkMayFill(cluster, asker.actor, dataset);
  await checkFreeDisk(cluster, 0);
  const maxBytes = cluster.config.limits.fileMiB * MIB;
  const content = await stageStream(cluster.directory, stream, {
    maxBytes,
    onTooLong: () => tooLarge(cluster, path),
  });
  try {
    await placeBlobs(cluster.directory, [content]);
    registerFiles(cluster, asker, dataset, [{ path, ...content }], { again: 'never' });
  } finally {
    await unstage([content]);
  }
}
