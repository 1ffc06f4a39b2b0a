import pino from 'pino';
import { systemClock } from '../../../shared/clock.ts';
import { UserError } from '../../../shared/errors.ts';
import { dataDirectory, makeDataDirectory } from '../data-directory.ts';
import { checkBlob, filesWith } from '../datasets/blob-health.ts';
import { hasBlob } from '../datasets/blobs.ts';
import { openClusterStore } from '../state/store.ts';

/**
 * Sees that a restored store is sound and brings it to this version; marks content that had rotted, or was not
 * there, when it was backed up. Answers the files that have it, as `dataset/path`.
 */
export async function settleRestored(root: string, suspects: ReadonlySet<string>): Promise<string[]> {
  const directory = dataDirectory(root);
  makeDataDirectory(directory);
  const store = openClusterStore(root);
  const cluster = { store, directory, clock: systemClock, log: pino({ enabled: false }) };
  try {
    const found = store.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok')
      throw new UserError(`the store in the backup is damaged: ${found}`, 'use another backup');
    const blobs = store.prepare("SELECT sha256, size FROM blob WHERE state = 'sound'").all() as Content[];
    const rotten = blobs.filter((blob) => suspects.has(blob.sha256) || !hasBlob(directory, blob));
    const files = rotten.flatMap(({ sha256 }) => filesWith(cluster, sha256));
    for (const { sha256 } of rotten) await checkBlob(cluster, sha256);
    return files.map(({ name, path }) => `${name}/${path}`);
  } finally {
    store.close();
  }
}

interface Content {
  readonly sha256: string;
  readonly size: number;
}
