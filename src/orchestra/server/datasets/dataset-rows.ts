import type { ClusterStore } from '../state/store.ts';

/** A dataset as the store has it. */
export interface DatasetRow {
  readonly id: number;
  readonly name: string;
  /** The owner's name. */
  readonly owner: string;
  readonly ownerId: number;
  /** Uploaded files, which the store lists, or the outputs of the task of the same name, which lie on the disk. */
  readonly kind: 'files' | 'outputs';
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** An uploaded file. */
export interface FileRow {
  /** Within its dataset, with slashes. */
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Unix milliseconds. */
  readonly uploadedAt: number;
}

const DATASETS = `SELECT dataset.id, dataset.name, user.name AS owner, user.id AS ownerId, kind,
    dataset.created_at AS createdAt
  FROM dataset JOIN user ON user.id = dataset.owner`;

const FILES =
  'SELECT path, sha256, size, uploaded_at AS uploadedAt FROM file WHERE dataset = ? ORDER BY path';

/** The dataset of this name, whosever it is. */
export function datasetByName(store: ClusterStore, name: string): DatasetRow | undefined {
  return store.prepare<[string], DatasetRow>(`${DATASETS} WHERE dataset.name = ?`).get(name);
}

/** All datasets of a user, by name. */
export function datasetsOf(store: ClusterStore, ownerId: number): DatasetRow[] {
  return store
    .prepare<[number], DatasetRow>(`${DATASETS} WHERE dataset.owner = ? ORDER BY dataset.name`)
    .all(ownerId);
}

/** The uploaded files of a dataset, by path; none for the outputs of a task. */
export function filesOf(store: ClusterStore, datasetId: number): FileRow[] {
  return store.prepare<[number], FileRow>(FILES).all(datasetId);
}

/** The first of the uploaded files of a dataset by path; undefined where it has none. */
export function firstFile(store: ClusterStore, datasetId: number): FileRow | undefined {
  return store.prepare<[number], FileRow>(`${FILES} LIMIT 1`).get(datasetId);
}
