import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { Image } from './container-plan.ts';

/** What is mounted into every container: an image that is not to be changed must have directories for it. */
const MOUNT_POINTS = ['proc', 'dev', 'sys', 'tmp', 'volume', 'etc'];

/** Makes the directories of an image that things are mounted on. Throws a UserError where a file or a link has its name. */
export function makeMountPoints(root: string): void {
  for (const name of MOUNT_POINTS) {
    const path = join(root, name);
    mkdirSync(root, { recursive: true });
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(path);
    else if (!found.isDirectory()) {
      throw new UserError(
        `/${name} of the image is no directory`,
        'something is mounted there for every job',
      );
    }
  }
}

/** The directory of an image that is one. */
export function directoryOf(image: Image): string {
  if (image.kind === 'directory') return image.path;
  throw new Error(`a ${image.kind} is no directory`);
}
