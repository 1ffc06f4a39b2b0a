import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeMountPoints } from '../../src/orchestra/server/containers/mount-points.ts';

const PROGRAMS = [
  'sh',
  'true',
  'false',
  'cat',
  'sleep',
  'env',
  'echo',
  'touch',
  'mkdir',
  'ln',
  'ls',
  'grep',
  'wc',
];

/** Puts an image of busybox alone among a cluster's own images: a shell and what goes with it. */
export function addBusyboxImage(images: string): void {
  const root = join(images, 'busybox');
  mkdirSync(join(root, 'bin'), { recursive: true });
  makeMountPoints(root);
  cpSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const name of PROGRAMS) symlinkSync('busybox', join(root, 'bin', name));
}
