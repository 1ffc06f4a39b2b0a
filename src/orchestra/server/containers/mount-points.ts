import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './container-plan.ts';

/** What is mounted into every container: an image that is not to be changed must have directories for it. */
const MOUNT_POINTS = ['proc', 'dev', 'sys', 'tmp', 'volume', 'etc', 'home', 'root'];

/** Makes the directories of an image that things are mounted on. */
export function makeMountPoints(root: string): void {
  for (const name of MOUNT_POINTS) mkdirSync(join(root, name), { recursive: true });
}

/** The directory of an image that is one. */
export function directoryOf(image: Image): string {
  if (image.kind === 'directory') return image.path;
  throw new Error(`a ${image.kind} is no directory`);
}
