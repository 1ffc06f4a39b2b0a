import { opendir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Something in a directory, by its path from where the walk began, with slashes. */
export type Walked =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/**
 * Everything below a directory, directories before what is in them; nothing where there is none. Links are not
 * followed; sockets, pipes and devices are passed over, and so is what goes meanwhile.
 */
export async function* walk(root: string, below = ''): AsyncGenerator<Walked> {
  const directory = await opendir(join(root, below)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (directory === undefined) return;
  for await (const entry of directory) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      yield { kind: 'directory', path };
      yield* walk(root, path);
    } else if (entry.isFile()) yield { kind: 'file', path };
    else if (entry.isSymbolicLink()) {
      const target = await readlink(join(root, path)).catch(() => undefined);
      if (target !== undefined) yield { kind: 'link', path, target };
    }
  }
}
