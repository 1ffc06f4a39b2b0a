import type { verifyDataset as route } from '../../api/datasets.ts';
import type { Answer } from '../../route.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { checkBlob } from './blob-health.ts';
import type { DatasetRow } from './dataset-rows.ts';

/** One request reads so much and no more, so that its answer comes while somebody waits for it. */
const BYTES_A_REQUEST = 512 * 1024 * 1024;
const FILES_A_REQUEST = 1_000;

/** Hashes the uploaded files of a dataset again that come after a path, within the bounds of one request. */
export async function verifyDataset(
  cluster: Cluster,
  dataset: DatasetRow,
  after: string,
): Promise<Answer<typeof route>> {
  const files = statement<{ path: string; size: number; sha256: string }>(
    cluster.store,
    `SELECT path, size, sha256 FROM file WHERE dataset = ? AND path > ? ORDER BY path LIMIT ${FILES_A_REQUEST}`,
  ).all(dataset.id, after);
  const rotten: string[] = [];
  let size = 0;
  let checked = 0;
  for (const file of files) {
    if ((await checkBlob(cluster, file.sha256)) === 'rotten') rotten.push(file.path);
    size += file.size;
    checked++;
    if (size >= BYTES_A_REQUEST) break;
  }
  const hasMore = checked < files.length || files.length === FILES_A_REQUEST;
  return { files: checked, size, rotten, next: hasMore ? files[checked - 1]!.path : null };
}
