import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { checkBlob, filesWith } from './blob-health.ts';

/** What reading everything again has shown. */
export interface StoreHealth {
  /** Blobs that were read. */
  readonly blobs: number;
  /** Bytes that they have. */
  readonly bytes: number;
  /** Those that are lost, with the files that had this content. */
  readonly lost: readonly LostBlob[];
}

/** Content that is not what was uploaded any more. */
export interface LostBlob {
  readonly sha256: string;
  /** `<dataset> <path>`, as names in datasets go. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
}

/** How far the reading has come. */
export interface VerifyProgress {
  readonly blobs: number;
  readonly totalBlobs: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/**
 * Reads and hashes all content of a cluster again, while it is served or not. What has rotted is moved to the
 * quarantine, and no more served; those that were found earlier and not mended are told again.
 */
export async function verifyStore(
  cluster: Cluster,
  onProgress: (progress: VerifyProgress) => void = () => {},
): Promise<StoreHealth> {
  const { store } = cluster;
  const { totalBlobs, totalBytes } = statement<{ totalBlobs: number; totalBytes: number }>(
    store,
    'SELECT count(*) AS totalBlobs, coalesce(sum(size), 0) AS totalBytes FROM blob',
  ).get()!;
  const next = statement<{ sha256: string; size: number; state: string }>(
    store,
    'SELECT sha256, size, state FROM blob WHERE sha256 > ? ORDER BY sha256 LIMIT 1',
  );
  const lost: LostBlob[] = [];
  let blobs = 0;
  let bytes = 0;
  for (let blob = next.get(''); blob !== undefined; blob = next.get(blob.sha256)) {
    const { sha256, size, state } = blob;
    if (state === 'rotten' || (await checkBlob(cluster, sha256)) === 'rotten') {
      lost.push({ sha256, files: filesWith(cluster, sha256) });
    }
    blobs++;
    bytes += size;
    onProgress({ blobs, totalBlobs, bytes, totalBytes });
  }
  return { blobs, bytes, lost };
}
