import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';

/** Where directories wait for their removal, which may take a while: out of everybody's sight. */
export function trashDirectory({ directory }: Pick<Cluster, 'directory'>): string {
  return join(directory.uploads, 'trash');
}

/**
 * Takes a file or directory away at once, and removes it when there is time; what a stop of the server leaves of
 * it, the next start removes. Nothing to be taken away is no error.
 */
export function throwAway(cluster: Pick<Cluster, 'directory' | 'log'>, path: string): void {
  const trash = trashDirectory(cluster);
  mkdirSync(trash, { recursive: true, mode: 0o700 });
  const away = join(trash, randomUUID());
  try {
    renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rm(away, { recursive: true, force: true }).catch((err: unknown) => {
    cluster.log.warn({ err, path }, 'what was thrown away could not be removed');
  });
}
