import { join } from 'node:path';
import type { DataDirectory } from '../data-directory.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/** A resumable upload that is under way. */
export interface UploadRow {
  readonly id: string;
  /** The id of the user that announced it. */
  readonly user: number;
  readonly dataset: string;
  readonly path: string;
  /** Bytes that the whole file will have. */
  readonly size: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/** What the protocol calls an upload: made by the server, unguessable. */
const ID = /^[0-9a-f]{32}$/;

/** Where the bytes of resumable uploads gather. */
export function resumableDirectory({ uploads }: DataDirectory): string {
  return join(uploads, 'resumable');
}

/** Where the bytes of one gather. Its size is how far it has come. */
export function uploadFile(directory: DataDirectory, id: string): string {
  return join(resumableDirectory(directory), id);
}

/** The upload of this id; undefined where there is none, or none any more. */
export function uploadById(store: ClusterStore, id: string): UploadRow | undefined {
  if (!ID.test(id)) return undefined;
  return statement<UploadRow>(
    store,
    'SELECT id, user, dataset, path, size, started_at AS startedAt FROM upload WHERE id = ?',
  ).get(id);
}

/** Remembers an upload that was announced. */
export function insertUpload(store: ClusterStore, upload: UploadRow): void {
  statement(
    store,
    'INSERT INTO upload (id, user, dataset, path, size, started_at) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(upload.id, upload.user, upload.dataset, upload.path, upload.size, upload.startedAt);
}

/** Forgets an upload. Its file is the caller's business. */
export function deleteUpload(store: ClusterStore, id: string): void {
  statement(store, 'DELETE FROM upload WHERE id = ?').run(id);
}

/**
 * The bytes that a user has announced and not stored yet, but for this very file: it may have been announced
 * before, by a client that has forgotten it.
 */
export function bytesUnderWay(
  store: ClusterStore,
  user: number,
  { dataset, path }: Pick<UploadRow, 'dataset' | 'path'>,
): number {
  return statement<{ bytes: number }>(
    store,
    `SELECT coalesce(sum(size), 0) AS bytes FROM upload WHERE user = ? AND NOT (dataset = ? AND path = ?)`,
  ).get(user, dataset, path)!.bytes;
}

/** How many uploads of a user are under way. */
export function uploadsUnderWay(store: ClusterStore, user: number): number {
  return statement<{ uploads: number }>(store, 'SELECT count(*) AS uploads FROM upload WHERE user = ?').get(
    user,
  )!.uploads;
}
