import { createHash } from 'node:crypto';
import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { blobFile } from './blobs.ts';
import { volumeDirectory } from './volume.ts';

const READ_BYTES = 1024 * 1024;

/** What reading a blob again has shown. */
export type BlobHealth = 'sound' | 'rotten';

/** The parts of the cluster that a check needs. */
type Checked = Pick<Cluster, 'store' | 'directory' | 'clock' | 'log'>;

/**
 * Reads content again and hashes it. What has rotted, or is gone, is marked so that nobody is served it, moved to
 * the quarantine, and taken from the volume; the same content uploaded again mends it.
 */
export async function checkBlob(cluster: Checked, sha256: string): Promise<BlobHealth> {
  const { store, clock, directory } = cluster;
  const file = blobFile(directory, sha256);
  const seen = identityOf(file);
  if ((await hashOf(file)) === sha256) {
    statement(store, `UPDATE blob SET verified_at = ? WHERE sha256 = ? AND state = 'sound'`).run(
      clock.now(),
      sha256,
    );
    return 'sound';
  }
  // An upload may have replaced it meanwhile.
  if (identityOf(file) !== seen) return await checkBlob(cluster, sha256);
  quarantine(cluster, sha256, seen);
  return 'rotten';
}

/** Which file lies there: its number changes when it is replaced, its time when it is written to. */
function identityOf(file: string): string {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Undefined where it cannot be read: it is not there, or the disk has lost a part of it. */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file);
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ highWaterMark: READ_BYTES })) {
      hash.update(chunk as Buffer);
    }
    return hash.digest('hex');
  } catch (error) {
    if (/^(?:ENOENT|EIO|EUCLEAN|EBADMSG)$/.test((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

function quarantine({ store, directory, log }: Checked, sha256: string, seen: string): void {
  const blob = blobFile(directory, sha256);
  store
    .transaction(() => {
      if (identityOf(blob) !== seen) return;
      const { changes } = statement(
        store,
        `UPDATE blob SET state = 'rotten' WHERE sha256 = ? AND state = 'sound'`,
      ).run(sha256);
      // It was collected, or found before.
      if (changes === 0) return;
      for (const { name, path } of filesWith({ store }, sha256)) {
        rmSync(join(volumeDirectory(directory, name), path), { force: true });
      }
      if (existsSync(blob)) renameSync(blob, join(directory.quarantine, sha256));
      log.error({ sha256 }, 'content has rotted on the disk and is in the quarantine');
    })
    .immediate();
}

/** The files that have this content, wherever. */
export function filesWith(
  { store }: Pick<Cluster, 'store'>,
  sha256: string,
): readonly { readonly name: string; readonly path: string }[] {
  return statement<{ name: string; path: string }>(
    store,
    'SELECT name, path FROM file JOIN dataset ON dataset.id = file.dataset WHERE sha256 = ? ORDER BY name, path',
  ).all(sha256);
}
