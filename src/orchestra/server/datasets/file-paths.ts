import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import type { DatasetRow } from './dataset-rows.ts';
import { volumeDirectory } from './volume.ts';

/**
 * The paths of the files of a dataset, in their order: from the store, or for the outputs of a task from the disk,
 * where links and whatever else is no file do not count. With `limit` the first ones only.
 */
export function filePathsOf(
  { store, directory }: Pick<Cluster, 'store' | 'directory'>,
  { id, name, kind }: Pick<DatasetRow, 'id' | 'name' | 'kind'>,
  limit = Number.MAX_SAFE_INTEGER,
): string[] {
  if (kind === 'files') {
    const sql = 'SELECT path FROM file WHERE dataset = ? ORDER BY path LIMIT ?';
    return statement<{ path: string }>(store, sql)
      .all(id, limit)
      .map(({ path }) => path);
  }
  const root = volumeDirectory(directory, name);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
    .slice(0, limit);
}
