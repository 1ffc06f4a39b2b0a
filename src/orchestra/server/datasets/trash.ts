import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
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
  void removeForGood(away).catch((err: unknown) => {
    cluster.log.warn({ err, path }, 'what was thrown away could not be removed');
  });
}

/** Removes a tree of the trash, with directories that a job has closed to everybody: they are the server's own. */
export async function removeForGood(path: string): Promise<void> {
  const removal = { recursive: true, force: true } as const;
  try {
    await rm(path, removal);
  } catch (error) {
    if (!/^(?:EACCES|EPERM|ENOTEMPTY)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await letIn(path);
    await rm(path, removal);
  }
}

async function letIn(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await letIn(join(directory, entry.name));
  }
}
