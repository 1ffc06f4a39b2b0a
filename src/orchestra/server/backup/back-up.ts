import { existsSync } from 'node:fs';
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../../shared/errors.ts';
import { systemFiles } from '../../../shared/files.ts';
import { programVersion } from '../../../shared/version.ts';
import type { Cluster } from '../cluster.ts';
import { volumeDirectory } from '../datasets/volume.ts';
import { type AboutBackup, ARCHIVE } from './archive.ts';
import { type ArchiveWriter, openArchive } from './archive-writer.ts';
import { ALL_PAGES, type Snapshot, takeSnapshot } from './snapshot.ts';
import { walk } from './walk.ts';

/** What to back up, and where to. */
export interface BackupOptions {
  /** The archive; it must not be there yet. */
  readonly file: string;
  readonly withImages: boolean;
  /** Called now and then with the bytes so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** What a backup has in it. */
export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  /** Hashes of content that has rotted on the disk; it is in the archive as it is. */
  readonly rotten: readonly string[];
}

/**
 * Backs a cluster up into one file while it is served: its store as of one moment, the content of datasets that it
 * names, outputs and studies of tasks, the configuration. What is being uploaded is not in it. The file appears
 * whole or not at all. Throws a UserError where it is there already, or content is missing.
 */
export async function backUp(cluster: Cluster, options: BackupOptions): Promise<BackupReport> {
  const file = resolve(options.file);
  if (existsSync(file)) throw new UserError(`${file} is there already`, 'name a file that is not there yet');
  if (!relative(cluster.directory.root, file).startsWith('..')) {
    throw new UserError(`${file} lies in the data directory`, 'keep backups elsewhere, best on another disk');
  }
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  const snapshot = await takeSnapshot(cluster);
  try {
    await rm(part, { force: true });
    const archive = openArchive(part, join(snapshot.directory, ARCHIVE.manifest));
    const backup = new Backup(cluster, snapshot, archive, options);
    await backup.write().catch(async (error: unknown) => {
      await archive.abandon();
      throw error;
    });
    await rename(part, file);
    systemFiles.syncDirectory(dirname(file));
    return { file, bytes: archive.bytes, files: backup.files, rotten: backup.rotten };
  } finally {
    await rm(part, { force: true });
    await snapshot.remove();
  }
}

class Backup {
  files = 0;
  readonly rotten: string[] = [];
  readonly cluster: Cluster;
  readonly snapshot: Snapshot;
  readonly archive: ArchiveWriter;
  readonly options: BackupOptions;
  readonly links: string;

  constructor(cluster: Cluster, snapshot: Snapshot, archive: ArchiveWriter, options: BackupOptions) {
    this.cluster = cluster;
    this.snapshot = snapshot;
    this.archive = archive;
    this.options = options;
    this.links = join(snapshot.directory, ARCHIVE.links);
  }

  async write(): Promise<void> {
    const { cluster, archive, snapshot } = this;
    const { directory, clock } = cluster;
    const createdAt = new Date(clock.now()).toISOString();
    const about: AboutBackup = { format: 1, version: programVersion(), createdAt };
    await writeFile(this.links, '');
    await archive.addText(ARCHIVE.about, `${JSON.stringify(about)}\n`);
    await archive.addFile(ARCHIVE.store, snapshot.store);
    await archive.addFile(ARCHIVE.config, directory.config);
    await this.addTree('blobs', snapshot.blobs);
    for (const output of outputsOf(snapshot.store)) {
      const path = volumeDirectory(directory, output);
      await this.addTree(`volume/${relative(directory.volume, path)}`, path);
    }
    await this.addTree('studies', directory.studies);
    if (this.options.withImages) await this.addTree('images', directory.images);
    await archive.addFile(ARCHIVE.links, this.links);
    await archive.finish();
  }

  private async addTree(name: string, root: string): Promise<void> {
    if (!existsSync(root)) return;
    await this.archive.addDirectory(name);
    for await (const walked of walk(root)) {
      const path = `${name}/${walked.path}`;
      if (walked.kind === 'link') await appendFile(this.links, `${JSON.stringify([path, walked.target])}\n`);
      else if (walked.kind === 'directory') await this.archive.addDirectory(path);
      else await this.addFile(path, join(root, walked.path));
      this.options.onProgress?.(this.archive.bytes);
    }
  }

  private async addFile(path: string, file: string): Promise<void> {
    if (isSideOfStore(path)) return;
    const sha256 = isStudyStore(path)
      ? await this.addStudyStore(path, file)
      : await this.archive.addFile(path, file);
    if (sha256 === undefined) return;
    this.files += 1;
    if (path.startsWith('blobs/') && basename(path) !== sha256) this.rotten.push(basename(path));
  }

  /** A conductor may be writing to it. */
  private async addStudyStore(path: string, file: string): Promise<string | undefined> {
    const copy = join(this.snapshot.directory, 'study.db');
    const store = new Database(file, { readonly: true, timeout: STUDY_LOCK_MS });
    try {
      await store.backup(copy, { progress: () => ALL_PAGES });
    } finally {
      store.close();
    }
    const sha256 = await this.archive.addFile(path, copy);
    await rm(copy, { force: true });
    return sha256;
  }
}

/** How long a conductor may hold the lock of its store, in milliseconds. */
const STUDY_LOCK_MS = 10_000;

const isStudyStore = (path: string): boolean => /^studies\/[^/]+\/\.maestro\/study\.db$/.test(path);
const isSideOfStore = (path: string): boolean =>
  /^studies\/[^/]+\/\.maestro\/study\.db-(?:wal|shm|journal)$/.test(path);

function outputsOf(storeFile: string): string[] {
  const store = new Database(storeFile, { readonly: true });
  try {
    return store
      .prepare("SELECT name FROM dataset WHERE kind = 'outputs' ORDER BY name")
      .pluck()
      .all() as string[];
  } finally {
    store.close();
  }
}
