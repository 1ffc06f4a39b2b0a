import { statfsSync } from 'node:fs';
import type { Cluster } from '../cluster.ts';

const MIB = 1024 * 1024;

/** Bytes that the server may still write to the disk of its data directory. */
export function freeBytes({ directory }: Pick<Cluster, 'directory'>): number {
  const { bavail, bsize } = statfsSync(directory.root);
  return bavail * bsize;
}

/** Why the disk is too full for more uploads and jobs, as a sentence; undefined where it is not. */
export function lackOfDisk(cluster: Pick<Cluster, 'directory' | 'config'>): string | undefined {
  const free = Math.floor(freeBytes(cluster) / MIB);
  const wanted = cluster.config.limits.freeMiB;
  return free >= wanted
    ? undefined
    : `the disk has ${free} MiB free, and limits.freeMiB asks for ${wanted} MiB`;
}
