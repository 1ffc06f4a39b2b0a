import { mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import { type ReadEntry, x } from 'tar';
import { UserError } from '../../../shared/errors.ts';

/** What a root file system may hold that every container is given anew anyway, and that only root may make. */
const DEVICES: ReadonlySet<string> = new Set(['CharacterDevice', 'BlockDevice', 'FIFO']);

/**
 * Unpacks a tar of a root file system into a new directory. Throws a UserError for what is no tar, and for one in
 * which a path or a hard link leads out of the directory; what was unpacked until then is the caller's to remove.
 */
export async function unpackImage(file: string, directory: string): Promise<void> {
  mkdirSync(directory);
  const check = createEntryCheck();
  let offence: string | undefined;
  let count = 0;
  try {
    await x({
      file,
      cwd: directory,
      strict: true,
      // Links of a root file system are absolute, and mean its own root: they are kept, and never followed here.
      preservePaths: true,
      // Entries belong to whoever unpacks them.
      preserveOwner: false,
      filter: (_path, entry) => {
        const { type, path, linkpath } = entry as ReadEntry;
        count++;
        offence ??= check({ type, path, linkpath });
        return offence === undefined && !DEVICES.has(type);
      },
    });
  } catch (error) {
    const mend = 'see that it is a tar of a root file system, as docker export writes it';
    throw new UserError(`${file} cannot be unpacked: ${(error as Error).message}`, mend, { cause: error });
  }
  if (offence !== undefined) throw new UserError(`${file} is refused: ${offence}`, 'ask where it comes from');
  if (count === 0) throw new UserError(`${file} is no tar, or an empty one`);
}

/** An entry of a tar. */
export interface TarEntry {
  /** As the `tar` package names them: `SymbolicLink`, `Link` for hard links, … */
  readonly type: string;
  readonly path: string;
  readonly linkpath: string | undefined;
}

/**
 * Answers what checks the entries of a tar, one after the other: why one would write or link to something outside of
 * the directory that it is unpacked in, which is by its path, or through a symbolic link that came before it.
 */
export function createEntryCheck(): (entry: TarEntry) => string | undefined {
  const links = new Set<string>();
  const isBehindLink = (path: string): boolean => {
    const parts = path.split('/');
    return parts.some((_, count) => count > 0 && links.has(parts.slice(0, count).join('/')));
  };
  const why = (path: string): string | undefined => {
    if (path.startsWith('/')) return 'is absolute';
    if (path.split('/').includes('..')) return 'leads out of the image';
    return isBehindLink(plain(path)) ? 'leads through a symbolic link' : undefined;
  };
  return ({ type, path, linkpath = '' }) => {
    const offence = why(path);
    if (offence !== undefined) return `the path ${path} ${offence}`;
    if (type === 'SymbolicLink') links.add(plain(path));
    if (type !== 'Link') return undefined;
    const linked = why(linkpath);
    if (linked !== undefined) return `the hard link ${path} to ${linkpath} ${linked}`;
    if (links.has(plain(linkpath))) links.add(plain(path));
    return undefined;
  };
}

function plain(path: string): string {
  return posix.normalize(path).replace(/\/$/, '');
}
