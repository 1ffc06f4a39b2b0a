import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { Cluster } from '../cluster.ts';
import { AT_CONSOLE, audited } from '../operation/audited.ts';
import { checkImageName, imagePath, SIF } from './images.ts';
import { makeMountPoints } from './mount-points.ts';
import { unpackImage } from './unpack-image.ts';

/**
 * Adds an image to a cluster: a directory with a root file system, a tar of one (gzip may have packed it), or a SIF
 * file. It appears under its name once it is complete; an image of that name is replaced, and jobs that run in the
 * old one go on. Throws a Refusal for a name that is none, and a UserError for what is no image.
 */
export async function addImage(cluster: Cluster, name: string, source: string): Promise<void> {
  checkImageName(name);
  const kind = kindOf(source);
  const { images } = cluster.directory;
  const draft = join(images, `.adding-${randomBytes(6).toString('hex')}`);
  try {
    if (kind === 'sif') copyFileSync(source, draft, constants.COPYFILE_FICLONE);
    else await fill(draft, source, kind);
    audited(cluster, AT_CONSOLE, { action: 'image.add', subject: name }, () =>
      put(draft, images, name, kind),
    );
  } finally {
    // An unpacking that has failed may still be writing what it had begun.
    rmSync(draft, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Removes an image of a cluster. Throws a UserError where there is none of that name. */
export function removeImage(cluster: Cluster, name: string): void {
  checkImageName(name);
  const { images } = cluster.directory;
  const paths = placesOf(images, name).filter((path) => existsSync(path));
  if (paths.length === 0) {
    throw new UserError(
      `the cluster has no image ${name}`,
      'maestro orchestra image list tells which it has',
    );
  }
  audited(cluster, AT_CONSOLE, { action: 'image.remove', subject: name }, () => {
    for (const path of paths) discard(path, images);
  });
}

async function fill(draft: string, source: string, kind: 'directory' | 'tar'): Promise<void> {
  if (kind === 'tar') await unpackImage(source, draft);
  else {
    mkdirSync(draft);
    cpSync(source, draft, { recursive: true, verbatimSymlinks: true });
  }
  if (!hasShell(draft)) {
    const isSaved = existsSync(join(draft, 'manifest.json')) || existsSync(join(draft, 'index.json'));
    const mend = isSaved
      ? 'this is an image as docker save writes it, in layers: export a container of it, docker export'
      : 'jobs are run by /bin/sh, so an image needs one';
    throw new UserError(`${source} has no /bin/sh`, mend);
  }
  makeMountPoints(draft);
}

/** The shell may be reached by links that are absolute in the image, so that it is the links that are looked for. */
function hasShell(root: string): boolean {
  return ['bin/sh', 'usr/bin/sh'].some(
    (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined,
  );
}

function put(draft: string, images: string, name: string, kind: 'directory' | 'tar' | 'sif'): void {
  for (const path of placesOf(images, name)) if (existsSync(path)) discard(path, images);
  renameSync(draft, kind === 'sif' ? imagePath(images, name) + SIF : imagePath(images, name));
}

/** What is gone from its place at once needs not be gone from the disk at once. */
function discard(path: string, images: string): void {
  const aside = join(images, `.removed-${randomBytes(6).toString('hex')}`);
  renameSync(path, aside);
  rmSync(aside, { recursive: true, force: true });
}

function placesOf(images: string, name: string): string[] {
  return [imagePath(images, name), imagePath(images, name) + SIF];
}

function kindOf(source: string): 'directory' | 'tar' | 'sif' {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return 'directory';
  if (stat?.isFile() !== true)
    throw new UserError(`${source} does not exist`, 'name a directory, a tar or a SIF file');
  return source.endsWith(SIF) ? 'sif' : 'tar';
}
