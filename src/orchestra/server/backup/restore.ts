import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { appendFile, chmod, mkdtemp, open, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Headers } from 'tar-stream';
import { UserError } from '../../../shared/errors.ts';
import { makeDirectories } from '../../../shared/make-directories.ts';
import { type AboutBackup, ARCHIVE, isArchivePath, manifestLine } from './archive.ts';
import { settleRestored } from './settle-restored.ts';

/** What has been restored. */
export interface RestoreReport {
  readonly data: string;
  /** When the backup was made, ISO 8601. */
  readonly createdAt: string;
  readonly files: number;
  /** Files of datasets whose content had rotted already: `dataset/path`. */
  readonly rotten: readonly string[];
}

/**
 * Makes a data directory from a backup. All of it is checked against the manifest before the directory gets its
 * name, so that there is a whole cluster afterwards or none. Throws a UserError where the directory is not empty or
 * the archive is none, is cut short, or has been changed.
 */
export async function restore(file: string, data: string): Promise<RestoreReport> {
  const target = resolve(data);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new UserError(`${target} is not empty`, 'name a directory that is empty or not there yet');
  }
  const draft = await makeDraft(target);
  try {
    const { files, suspects } = await extractAll(file, draft);
    const { createdAt } = await checkAll(file, draft);
    await makeLinks(draft);
    const rotten = await settleRestored(draft, suspects);
    for (const name of [ARCHIVE.about, ARCHIVE.links, ARCHIVE.manifest, SEEN]) await rm(join(draft, name));
    if (existsSync(target)) await rmdir(target);
    await rename(draft, target);
    return { data: target, createdAt, files, rotten };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** The manifest of what was really found, to be compared. */
const SEEN = '.seen';

const broken = (file: string, why: string, cause?: unknown): UserError =>
  new UserError(`${file} cannot be restored: ${why}`, 'use another backup', { cause });

interface Extracted {
  readonly files: number;
  /** Content that is not what its name says. */
  readonly suspects: ReadonlySet<string>;
}

async function extractAll(file: string, draft: string): Promise<Extracted> {
  const tar = extract();
  const reading = pipeline(createReadStream(file), tar);
  void reading.catch(() => undefined);
  const suspects = new Set<string>();
  let files = 0;
  try {
    for await (const entry of tar) {
      const { header } = entry;
      if (header.type === 'file') files += 1;
      const sha256 = await extractEntry(file, draft, header, entry as unknown as Readable);
      const isContent = header.type === 'file' && header.name.startsWith('blobs/');
      if (isContent && basename(header.name) !== sha256) suspects.add(basename(header.name));
    }
    await reading;
    return { files, suspects };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (/^E[A-Z]+$/.test(code)) throw error;
    throw broken(file, message, error);
  }
}

/** A directory beside the target, which takes its name in the end. Throws a UserError where there can be none. */
async function makeDraft(target: string): Promise<string> {
  try {
    makeDirectories(dirname(target));
    return await mkdtemp(`${target}.restoring-`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const mend = 'name another directory by --data, or see to its permissions';
    throw new UserError(`${target} cannot be made (${code})`, mend, { cause: error });
  }
}

/**
 * Nothing is extracted but files and directories below the draft: there are no links yet that could lead out.
 * Answers the hash of what has been extracted.
 */
async function extractEntry(file: string, draft: string, header: Headers, entry: Readable): Promise<string> {
  const { name, type, mode = 0o600, size = 0 } = header;
  if (!isArchivePath(name)) throw broken(file, `it holds ${JSON.stringify(name)}, which no backup does`);
  const path = join(draft, name);
  const hash = createHash('sha256');
  if (type === 'directory') {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    entry.resume();
  } else if (type === 'file') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const through = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(entry, through, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    await chmod(path, name.startsWith('blobs/') ? 0o444 : mode & 0o700);
  } else throw broken(file, `${name} in it is a ${type}`);
  const sha256 = hash.digest('hex');
  if (name === ARCHIVE.manifest) return sha256;
  await appendFile(join(draft, SEEN), manifestLine(sha256, size, name.replace(/\/$/, '')));
  return sha256;
}

async function checkAll(file: string, draft: string): Promise<AboutBackup> {
  const manifest = join(draft, ARCHIVE.manifest);
  if (!existsSync(manifest)) throw broken(file, 'it is no backup of a cluster, or is cut short');
  const seen = await linesOf(join(draft, SEEN));
  const wanted = await linesOf(manifest);
  for (;;) {
    const [found, expected] = [await seen.next(), await wanted.next()];
    if (found.done === true && expected.done === true) break;
    if (found.value !== expected.value) {
      const line = String(expected.done === true ? found.value : expected.value);
      throw broken(file, `${line.slice(line.indexOf('"'))} in it is not what was backed up`);
    }
  }
  const about = JSON.parse(readFileSync(join(draft, ARCHIVE.about), 'utf8')) as AboutBackup;
  if (about.format === 1) return about;
  throw new UserError(`${file} was written by a newer maestro (${about.version})`, 'use that version');
}

async function linesOf(file: string): Promise<AsyncIterator<string>> {
  const handle = await open(file);
  return handle.readLines()[Symbol.asyncIterator]();
}

/** Links come last, when nothing is written any more that could follow one. */
async function makeLinks(draft: string): Promise<void> {
  const lines = createInterface(createReadStream(join(draft, ARCHIVE.links)));
  for await (const line of lines) {
    const [path, target] = JSON.parse(line) as readonly [string, string];
    if (!isArchivePath(path)) throw new UserError(`the backup holds a link ${JSON.stringify(path)}`);
    await symlink(target, join(draft, path));
  }
}
