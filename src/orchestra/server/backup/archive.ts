/**
 * What a backup looks like: a tar archive, whose entries stand in this order. Nothing in it is a link or a device.
 *
 *     backup.json              what this is, and of when
 *     orchestra.db             the store, as it stood at one moment
 *     config.yaml
 *     blobs/ab/abcd…           the content of all datasets, by its hash
 *     volume/…                 the outputs of tasks
 *     studies/…                the studies of tasks, their stores each as of one moment
 *     images/…                 where they are wanted
 *     symbolic-links.jsonl     of outputs, studies and images: `["path", "target"]` a line
 *     manifest                 `SHA-256 size path` of all entries before it, a line each, in their order
 */
export const ARCHIVE = {
  about: 'backup.json',
  store: 'orchestra.db',
  config: 'config.yaml',
  links: 'symbolic-links.jsonl',
  manifest: 'manifest',
} as const;

/** The directories of an archive, which are those of the data directory. */
const PARTS = ['blobs', 'volume', 'studies', 'images'] as const;

/** What `backup.json` says. */
export interface AboutBackup {
  readonly format: 1;
  /** Of the program that wrote it. */
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A line of the manifest. */
export function manifestLine(sha256: string, size: number, path: string): string {
  return `${sha256} ${size} ${JSON.stringify(path)}\n`;
}

const SINGLE: ReadonlySet<string> = new Set(Object.values(ARCHIVE));
const DIRECTORIES: ReadonlySet<string> = new Set(PARTS);

/** Whether a path may stand in an archive: it leads nowhere but into the parts of a data directory. */
export function isArchivePath(path: string): boolean {
  const parts = path.replace(/\/$/, '').split('/');
  const [first = '', ...rest] = parts;
  if (/\p{Cc}/u.test(path.replaceAll(/[\t\n\r]/g, '')) || path.includes('\0')) return false;
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return false;
  return rest.length === 0 ? SINGLE.has(first) || DIRECTORIES.has(first) : DIRECTORIES.has(first);
}
