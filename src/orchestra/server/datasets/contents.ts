import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Dataset, DatasetFile } from '../../api/datasets.ts';
import { checkFilePath, ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { blobFile } from './blobs.ts';
import { type DatasetRow, datasetByName } from './dataset-rows.ts';
import { openOutputFile, outputFiles } from './output-files.ts';
import { volumeDirectory } from './volume.ts';

/** The dataset of a name, for somebody who may see it. Throws a Refusal where there is none or it is another's. */
export function datasetFor({ store }: Pick<Cluster, 'store'>, actor: Actor, name: string): DatasetRow {
  mayActFor(actor, ownerOfName(name, 'dataset'));
  const dataset = datasetByName(store, name);
  if (dataset !== undefined) return dataset;
  throw new Refusal('not-found', `there is no dataset ${name}`, 'see what there is: maestro castor list');
}

/** The files of a dataset, uploaded or left by a task, by path. */
export async function contentsOf(cluster: Cluster, dataset: DatasetRow): Promise<DatasetFile[]> {
  if (dataset.kind === 'files') {
    return statement<DatasetFile & { readonly state: string }>(
      cluster.store,
      `SELECT path, file.size, sha256, uploaded_at AS uploadedAt, state
      FROM file JOIN blob USING (sha256) WHERE dataset = ? ORDER BY path`,
    )
      .all(dataset.id)
      .map(({ path, size, sha256, uploadedAt, state }) => ({
        path,
        size,
        sha256,
        uploadedAt,
        rotten: state === 'rotten',
      }));
  }
  const files: DatasetFile[] = [];
  for await (const { path, size, writtenAt } of outputFiles(
    volumeDirectory(cluster.directory, dataset.name),
  )) {
    files.push({ path, size, sha256: null, uploadedAt: writtenAt, rotten: false });
  }
  return files;
}

/** A dataset as the API shows it. */
export async function shownDataset(cluster: Cluster, dataset: DatasetRow): Promise<Dataset> {
  const { name, owner, kind, createdAt } = dataset;
  const { files, size } =
    kind === 'files' ? uploadedTotals(cluster, dataset.id) : totalsOf(await contentsOf(cluster, dataset));
  return { name, owner, kind, files, size, createdAt };
}

/**
 * Datasets as the API shows them. One after the other: each of a task's is a walk with directories open, and a user
 * may have more of them than a server may open files.
 */
export async function shownDatasets(cluster: Cluster, datasets: readonly DatasetRow[]): Promise<Dataset[]> {
  const shown: Dataset[] = [];
  for (const dataset of datasets) shown.push(await shownDataset(cluster, dataset));
  return shown;
}

function uploadedTotals({ store }: Cluster, datasetId: number): { files: number; size: number } {
  return statement<{ files: number; size: number }>(
    store,
    'SELECT count(*) AS files, coalesce(sum(size), 0) AS size FROM file WHERE dataset = ?',
  ).get(datasetId)!;
}

/** How many files there are, and how many bytes they have. */
export function totalsOf(files: readonly DatasetFile[]): { files: number; size: number } {
  return { files: files.length, size: files.reduce((sum, { size }) => sum + size, 0) };
}

/** A file of a dataset that is open for reading. Whoever gets it closes it. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes, when it was opened: a task may still write to it. */
  readonly size: number;
  /** Null for what a task has left. */
  readonly sha256: string | null;
  /** Unix milliseconds. */
  readonly writtenAt: number;
}

/** Opens a file of a dataset. Throws a Refusal where there is none, or where the disk has lost its content. */
export async function openFile(cluster: Cluster, dataset: DatasetRow, path: string): Promise<OpenFile> {
  checkFilePath(path);
  if (dataset.kind === 'outputs') {
    const handle = await openOutputFile(volumeDirectory(cluster.directory, dataset.name), path);
    const { size, mtimeMs } = await handle.stat();
    return { handle, size, sha256: null, writtenAt: Math.round(mtimeMs) };
  }
  const file = statement<{ sha256: string; size: number; uploadedAt: number; state: string }>(
    cluster.store,
    `SELECT sha256, file.size, uploaded_at AS uploadedAt, state
    FROM file JOIN blob USING (sha256) WHERE dataset = ? AND path = ?`,
  ).get(dataset.id, path);
  if (file === undefined) throw new Refusal('not-found', `there is no file ${path} in ${dataset.name}`);
  if (file.state === 'rotten') throw hasRotted(dataset.name, path);
  const { sha256, size, uploadedAt } = file;
  return { handle: await open(blobFile(cluster.directory, sha256)), size, sha256, writtenAt: uploadedAt };
}

/** The refusal of content that is not what was uploaded any more. */
export function hasRotted(datasetName: string, path: string): Refusal {
  return new Refusal(
    'unavailable',
    `the disk of the server has lost the content of ${path} in ${datasetName}`,
    'upload the same file again, which mends it',
  );
}
