import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkFilePath, ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { knownUser } from '../users/user.ts';
import { type Asker, auditDataset } from './asker.ts';
import { filesWith } from './blob-health.ts';
import { hasBlob, placeBlobNow, showBlob } from './blobs.ts';
import { type DatasetRow, datasetByName } from './dataset-rows.ts';
import { checkQuota } from './room.ts';
import type { StagedContent } from './staging.ts';
import { volumeDirectory } from './volume.ts';

/** A file that is to be in a dataset: its content is staged and has its place among the blobs. */
export interface NewFile extends StagedContent {
  readonly path: string;
}

/** Whether what is in the dataset already may be uploaded again: `same` if it has the same content. */
export type Again = 'same' | 'never';

/**
 * Puts files into a dataset, which is made where there is none: all of them, with their links on the volume, or
 * none. Whatever happens in between, the next start makes the volume show what the store says.
 *
 * Throws a Refusal where the name is another's, a path is taken by another content or by a directory, or the
 * owner's quota is used up.
 */
export function registerFiles(
  cluster: Cluster,
  asker: Asker,
  datasetName: string,
  files: readonly NewFile[],
  { again = 'same', alsoRecord }: { readonly again?: Again; readonly alsoRecord?: () => void } = {},
): void {
  const linked: string[] = [];
  try {
    cluster.store
      .transaction(() => {
        const dataset = datasetToFill(cluster, asker.actor, datasetName);
        const wanted = files.filter((file) => !isThere(cluster.store, dataset, file, again));
        checkQuota(
          cluster,
          dataset.ownerId,
          wanted.reduce((sum, { size }) => sum + size, 0),
        );
        for (const file of files) recordBlob(cluster, file);
        for (const file of wanted) recordFile(cluster, dataset, file, linked);
        if (wanted.length > 0) auditDataset(cluster, asker, 'dataset.upload', datasetName);
        alsoRecord?.();
      })
      .immediate();
  } catch (error) {
    for (const path of linked) rmSync(path, { force: true });
    throw error;
  }
}

/** Throws a Refusal where this user may not upload into a dataset of this name. Answers who owns it. */
export function checkMayFill(cluster: Pick<Cluster, 'store'>, actor: Actor, datasetName: string): number {
  const owner = ownerOfName(datasetName, 'dataset');
  mayActFor(actor, owner);
  const kind = datasetByName(cluster.store, datasetName)?.kind;
  if (kind === 'outputs') {
    const mend = 'upload into another dataset';
    throw new Refusal('wrong-state', `${datasetName} belongs to the task of that name`, mend);
  }
  return knownUser(cluster.store, owner).id;
}

function datasetToFill(cluster: Cluster, actor: Actor, name: string): DatasetRow {
  const ownerId = checkMayFill(cluster, actor, name);
  const { store, clock } = cluster;
  const known = datasetByName(store, name);
  if (known !== undefined) return known;
  statement(store, `INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, 'files', ?)`).run(
    name,
    ownerId,
    clock.now(),
  );
  return datasetByName(store, name)!;
}

/**
 * Whether the dataset has this very file. Throws a Refusal where it has another content under that path, or a
 * file or directory where the other is needed.
 */
function isThere(store: ClusterStore, dataset: DatasetRow, file: NewFile, again: Again): boolean {
  const { path, sha256 } = file;
  checkFilePath(path);
  const there = contentAt(store, dataset.id, path);
  if (there === sha256 && again === 'same') return true;
  if (there !== undefined) throw isTaken(dataset.name, path, there !== sha256);
  checkIsNoDirectory(store, dataset, path);
  return false;
}

/** Throws a Refusal where a file of this path would stand where a directory is, or below a file. */
export function checkIsNoDirectory(store: ClusterStore, dataset: DatasetRow, path: string): void {
  const below = statement<{ path: string }>(
    store,
    // '0' follows '/' in the order of bytes.
    'SELECT path FROM file WHERE dataset = ? AND path > ? AND path < ? LIMIT 1',
  ).get(dataset.id, `${path}/`, `${path}0`);
  const parts = path.split('/');
  const above = parts
    .slice(1)
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .find((directory) => contentAt(store, dataset.id, directory) !== undefined);
  const other = below?.path ?? above;
  if (other === undefined) return;
  throw new Refusal(
    'exists',
    `${path} cannot be in ${dataset.name} beside ${other}: one of them would be a file and a directory`,
    'rename it, or use another dataset',
  );
}

/** The hash of the file at a path; undefined where there is none. */
export function contentAt(store: ClusterStore, datasetId: number, path: string): string | undefined {
  return statement<{ sha256: string }>(store, 'SELECT sha256 FROM file WHERE dataset = ? AND path = ?').get(
    datasetId,
    path,
  )?.sha256;
}

/** The refusal of a path that is taken. */
function isTaken(datasetName: string, path: string, isOther: boolean): Refusal {
  return new Refusal(
    'exists',
    `${path} is in ${datasetName} already${isOther ? ' with other content' : ''}`,
    'use another dataset, or delete this one first',
  );
}

/** What had rotted is mended by the same content, for all files that have it. */
function recordBlob(cluster: Cluster, content: NewFile): void {
  const { store, directory, clock } = cluster;
  const { sha256, size } = content;
  if (!hasBlob(directory, content)) placeBlobNow(directory, content);
  const known = statement<{ state: string }>(store, 'SELECT state FROM blob WHERE sha256 = ?').get(sha256);
  if (known === undefined) {
    statement(
      store,
      `INSERT INTO blob (sha256, size, stored_at, verified_at, state) VALUES (?, ?, ?, ?, 'sound')`,
    ).run(sha256, size, clock.now(), clock.now());
  } else if (known.state === 'rotten') {
    statement(store, `UPDATE blob SET state = 'sound', verified_at = ? WHERE sha256 = ?`).run(
      clock.now(),
      sha256,
    );
    showAgain(cluster, sha256);
  }
}

function showAgain(cluster: Cluster, sha256: string): void {
  const { directory } = cluster;
  for (const { name, path } of filesWith(cluster, sha256)) {
    const place = join(volumeDirectory(directory, name), path);
    rmSync(place, { force: true });
    showBlob(directory, sha256, place);
  }
}

function recordFile(
  { store, directory, clock }: Cluster,
  dataset: DatasetRow,
  file: NewFile,
  linked: string[],
): void {
  const { path, sha256, size } = file;
  statement(store, 'INSERT INTO file (dataset, path, sha256, size, uploaded_at) VALUES (?, ?, ?, ?, ?)').run(
    dataset.id,
    path,
    sha256,
    size,
    clock.now(),
  );
  const place = join(volumeDirectory(directory, dataset.name), path);
  // What lies there without a row is of an upload that was never acknowledged.
  rmSync(place, { force: true, recursive: true });
  showBlob(directory, sha256, place);
  linked.push(place);
}
