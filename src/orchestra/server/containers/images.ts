import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../refusal.ts';
import type { Image } from './container-plan.ts';

/** Names of images, of the cluster's own and of those in registries: no option, no path out of a directory. */
const NAME =
  /^(?:[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]+)?\/)?[A-Za-z0-9][A-Za-z0-9._/-]*(?::[A-Za-z0-9._-]+)?(?:@sha256:[0-9a-f]{64})?$/;

/** Before a colon podman takes these for places of the server's own disk, not for repositories. */
const TRANSPORT =
  /^(?:containers-storage|dir|docker|docker-archive|docker-daemon|oci|oci-archive|ostree|sif|tarball):/;

/** How the name of an image ends that is a SIF file. */
export const SIF = '.sif';

/** Throws a Refusal `bad-name` for what cannot be the name of an image. */
export function checkImageName(name: string): void {
  const isSound =
    NAME.test(name) &&
    !TRANSPORT.test(name) &&
    name.length <= 255 &&
    !name.split('/').some((part) => part === '..' || part === '');
  if (isSound) return;
  throw new Refusal(
    'bad-name',
    `${JSON.stringify(name)} cannot be the name of an image`,
    'such as busybox or team/tool:1.2',
  );
}

/** The image of that name: one of the cluster's own, else what a registry may have. Throws a Refusal for no name. */
export function imageOf(images: string, name: string): Image {
  checkImageName(name);
  const path = imagePath(images, name);
  if (existsSync(path)) return { kind: 'directory', path };
  if (existsSync(path + SIF)) return { kind: 'sif', path: path + SIF };
  return { kind: 'reference', name };
}

/** Where an image of that name lies, as a directory; a SIF file has `.sif` behind that. */
export function imagePath(images: string, name: string): string {
  return join(images, encodeURIComponent(name));
}

/** An image that the cluster has. */
export interface StoredImage {
  readonly name: string;
  readonly kind: 'directory' | 'sif';
  /** Unix milliseconds. */
  readonly addedAt: number;
}

/** The cluster's own images, by their names. What is being unpacked begins with a dot and is none yet. */
export function listImages(images: string): StoredImage[] {
  return readdirSync(images, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.name.endsWith(SIF)))
    .map((entry): StoredImage => {
      const kind = entry.isDirectory() ? 'directory' : 'sif';
      const name = decodeURIComponent(kind === 'sif' ? entry.name.slice(0, -SIF.length) : entry.name);
      return { name, kind, addedAt: statSync(join(images, entry.name)).mtimeMs };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
