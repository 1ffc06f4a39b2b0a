import { statfsSync } from 'node:fs';
import type { Cluster } from '../cluster.ts';

const MEBIBYTE = 1024 * 1024;

/** Why there is no room on the disk for what jobs write; undefined where there is. */
export function lackOfRoom({ directory, config }: Pick<Cluster, 'directory' | 'config'>): string | undefined {
  const { bavail, bsize } = statfsSync(directory.root);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  const { freeMiB } = config.limits;
  return free < freeMiB ? `the disk has ${free} MiB free, and jobs wait below ${freeMiB}` : undefined;
}
