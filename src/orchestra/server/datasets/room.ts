import { statfs } from 'node:fs/promises';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';

const MIB = 1024 * 1024;

/** The bytes that a user's uploaded files have, each counted whole: what is stored once may be many users'. */
function storedBytes({ store }: Pick<Cluster, 'store'>, ownerId: number): number {
  return statement<{ bytes: number }>(
    store,
    `SELECT coalesce(sum(size), 0) AS bytes FROM file JOIN dataset ON dataset.id = file.dataset
    WHERE dataset.owner = ?`,
  ).get(ownerId)!.bytes;
}

/** Throws a Refusal where so many more bytes are beyond what a user may store. */
export function checkQuota(cluster: Pick<Cluster, 'store'>, ownerId: number, bytes: number): void {
  const row = statement<{ name: string; quota: number | null }>(
    cluster.store,
    'SELECT name, storage_quota AS quota FROM user WHERE id = ?',
  ).get(ownerId);
  if (row === undefined || row.quota === null || bytes === 0) return;
  const used = storedBytes(cluster, ownerId);
  if (used + bytes <= row.quota) return;
  throw new Refusal(
    'quota-exceeded',
    `${row.name} may store ${row.quota} bytes; ${used} are stored, and ${bytes} more do not fit`,
    'delete datasets that you do not need, or ask an administrator for a larger quota',
  );
}

/** Throws a Refusal where a file is larger than any may be. */
export function checkFileSize({ config }: Pick<Cluster, 'config'>, path: string, size: number): void {
  if (size <= config.limits.fileMiB * MIB) return;
  throw tooLarge({ config }, path);
}

/** The refusal of a file that is larger than any may be. */
export function tooLarge({ config }: Pick<Cluster, 'config'>, path: string): Refusal {
  return new Refusal(
    'too-large',
    `${path} is too large: a file may have ${config.limits.fileMiB} MiB`,
    'divide it, or ask an administrator to raise limits.fileMiB',
  );
}

/** Throws a Refusal where so many bytes would leave less of the disk than is to stay free. */
export async function checkFreeDisk(
  { config, directory }: Pick<Cluster, 'config' | 'directory'>,
  bytes: number,
): Promise<void> {
  const { bavail, bsize } = await statfs(directory.uploads);
  if (bavail * bsize - bytes >= config.limits.freeMiB * MIB) return;
  throw new Refusal(
    'unavailable',
    'the disk of the server is full',
    'try again later, or tell an administrator',
  );
}

/** After so many bytes the disk is looked at again: what others write meanwhile counts, too. */
const LOOK_BYTES = 64 * MIB;

/** Passes on what is to be written, as long as that leaves of the disk what is to stay free. */
export async function* whileDiskLasts(
  cluster: Pick<Cluster, 'config' | 'directory'>,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let unlooked = 0;
  for await (const chunk of chunks) {
    unlooked += chunk.length;
    if (unlooked >= LOOK_BYTES) {
      await checkFreeDisk(cluster, unlooked);
      unlooked = 0;
    }
    yield chunk;
  }
}

/** The largest file that a user may still store, in bytes. */
export function roomOf({ store, config }: Pick<Cluster, 'store' | 'config'>, ownerId: number): number {
  const sql = 'SELECT storage_quota AS quota FROM user WHERE id = ?';
  const quota = statement<{ quota: number | null }>(store, sql).get(ownerId)?.quota ?? Infinity;
  return Math.min(config.limits.fileMiB * MIB, Math.max(0, quota - storedBytes({ store }, ownerId)));
}
