import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { checkFilePath } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import type { Asker } from './asker.ts';
import { placeBlobs } from './blobs.ts';
import { datasetByName } from './dataset-rows.ts';
import { appendStream, hashOfFile, type RunningHash } from './incoming-bytes.ts';
import { checkIsNoDirectory, checkMayFill, contentAt, registerFiles } from './register-files.ts';
import { checkFileSize, checkFreeDisk, checkQuota, whileDiskLasts } from './room.ts';
import { isDamaged } from './store-pack.ts';
import {
  bytesUnderWay,
  deleteUpload,
  insertUpload,
  type UploadRow,
  uploadById,
  uploadFile,
  uploadsUnderWay,
} from './upload-rows.ts';

/** A file that somebody wants to upload. */
export interface Announcement {
  readonly dataset: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** How far an upload has come. */
export interface UploadProgress {
  readonly offset: number;
  readonly size: number;
}

/** Resumable uploads: announced, brought in pieces in order, finished by the hash of the whole. */
export interface Uploads {
  /** Answers the id of a new upload. Throws a Refusal for what could not be stored in the end anyway. */
  announce(actor: Actor, announcement: Announcement): Promise<string>;
  /** Throws a Refusal where there is no such upload of this user. Whoever still sends to it is cut off. */
  progress(actor: Actor, id: string): Promise<UploadProgress>;
  /**
   * Takes bytes from an offset on, which has to be where the upload stands, and answers where it stands then. A
   * stream that breaks off leaves what came. Throws a Refusal for another offset, and for bytes beyond the size.
   */
  append(actor: Actor, id: string, offset: number, stream: Readable): Promise<number>;
  /** Stores the file if the whole of it has come and has this hash; a wrong hash ends the upload. */
  finish(asker: Asker, id: string, wanted: Announced): Promise<void>;
  /** Gives an upload up. */
  abandon(actor: Actor, id: string): Promise<void>;
  /** Ends all connections that bring bytes, which are kept: the server stops, and clients go on later. */
  cutOff(): void;
}

/** What a finished upload has to be. */
export interface Announced {
  readonly dataset: string;
  readonly path: string;
  readonly sha256: string;
}

/** What the server remembers of an upload while it runs; all of it can be had from the disk again. */
interface Live {
  running?: RunningHash;
  /** The stream that brings bytes just now. */
  source?: Readable;
  /** Settles when whoever works on the upload has left it. */
  turn: Promise<unknown>;
}

/** Makes ready to take uploads. */
export function createUploads(cluster: Cluster): Uploads {
  const { store, directory } = cluster;
  const lives = new Map<string, Live>();

  /** Works on an upload alone: whoever sends to it is cut off first, because its connection may be long dead. */
  async function alone<Result>(
    actor: Actor,
    id: string,
    work: (upload: UploadRow, live: Live) => Promise<Result>,
  ): Promise<Result> {
    uploadOf(cluster, actor, id);
    const live = lives.get(id) ?? { turn: Promise.resolve() };
    lives.set(id, live);
    live.source?.destroy(new Refusal('wrong-state', 'the upload goes on by another connection'));
    const result = live.turn.then(async () => await work(uploadOf(cluster, actor, id), live));
    live.turn = result.catch(() => {});
    try {
      return await result;
    } finally {
      if (uploadById(store, id) === undefined) lives.delete(id);
    }
  }

  const end = async (id: string): Promise<void> => {
    deleteUpload(store, id);
    await rm(uploadFile(directory, id), { force: true });
  };

  return {
    async announce(actor, announcement) {
      checkAnnouncement(cluster, actor, announcement);
      await checkFreeDisk(cluster, announcement.size);
      // Looked at and recorded at once: announcements that come together would each find room otherwise.
      checkAnnouncement(cluster, actor, announcement);
      const id = randomBytes(16).toString('hex');
      insertUpload(store, { id, user: actor.id, ...announcement, startedAt: cluster.clock.now() });
      try {
        await (await open(uploadFile(directory, id), 'wx', 0o600)).close();
      } catch (error) {
        deleteUpload(store, id);
        throw error;
      }
      return id;
    },
    progress: async (actor, id) =>
      await alone(actor, id, async ({ size }) => ({ offset: await sizeOf(cluster, id), size })),
    append: async (actor, id, offset, stream) =>
      await alone(actor, id, async (upload, live) => {
        await checkOffset(cluster, upload, offset);
        await checkFreeDisk(cluster, 0);
        return await append(cluster, upload, live, stream);
      }),
    async finish(asker, id, wanted) {
      if (isFinished(cluster, asker.actor, id, wanted)) return;
      await alone(asker.actor, id, async (upload, live) => {
        await finish(cluster, asker, upload, live, wanted, end);
      });
    },
    abandon: async (actor, id) => await alone(actor, id, async () => await end(id)),
    cutOff() {
      for (const { source } of lives.values())
        source?.destroy(new Refusal('unavailable', 'the server stops'));
    },
  };
}

function uploadOf({ store }: Cluster, actor: Actor, id: string): UploadRow {
  const upload = uploadById(store, id);
  // Another's upload is no more there than one that never was.
  if (upload === undefined || upload.user !== actor.id) {
    throw new Refusal('not-found', 'there is no such upload, or none any more', 'upload the file again');
  }
  return upload;
}

/** Uploads that one user may have under way: each is a file and a row that stay for days if it does not go on. */
const MAX_UNDER_WAY = 1_000;

function checkAnnouncement(cluster: Cluster, actor: Actor, announcement: Announcement): void {
  const { dataset, path, size } = announcement;
  if (uploadsUnderWay(cluster.store, actor.id) >= MAX_UNDER_WAY) {
    const mend = 'finish some of them, or delete them';
    throw new Refusal('quota-exceeded', `${MAX_UNDER_WAY} of your uploads are not finished`, mend);
  }
  const ownerId = checkMayFill(cluster, actor, dataset);
  checkFilePath(path);
  checkFileSize(cluster, path, size);
  const known = datasetByName(cluster.store, dataset);
  // A path that is there may have the same content, which only the end can tell.
  if (known !== undefined) checkIsNoDirectory(cluster.store, known, path);
  checkQuota(cluster, ownerId, size + bytesUnderWay(cluster.store, actor.id, announcement));
}

async function sizeOf({ directory }: Cluster, id: string): Promise<number> {
  return (await stat(uploadFile(directory, id))).size;
}

async function checkOffset(cluster: Cluster, upload: UploadRow, offset: number): Promise<void> {
  const size = await sizeOf(cluster, upload.id);
  if (offset === size) return;
  throw new Refusal('wrong-state', `the upload stands at byte ${size}, not at ${offset}`, 'go on from there');
}

async function append(cluster: Cluster, upload: UploadRow, live: Live, stream: Readable): Promise<number> {
  const running = await hashSoFar(cluster, upload.id, live);
  const handle = await open(uploadFile(cluster.directory, upload.id), 'r+');
  live.running = running;
  live.source = stream;
  try {
    await appendStream(handle, whileDiskLasts(cluster, bounded(stream, upload, running.size)), running);
    return running.size;
  } catch (error) {
    // What the disk could not bring to safety may be anything by now.
    if (SYNC_CALLS.has((error as NodeJS.ErrnoException).syscall ?? '')) await handle.truncate(0);
    throw error;
  } finally {
    delete live.source;
    await handle.close();
  }
}

const SYNC_CALLS = new Set(['fsync', 'fdatasync']);

async function* bounded(stream: Readable, { path, size }: UploadRow, from: number): AsyncGenerator<Buffer> {
  let offset = from;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    offset += chunk.length;
    if (offset > size)
      throw new Refusal('bad-content', `${path} was announced with ${size} bytes, and more come`);
    yield chunk;
  }
}

/** The hash of what is there; taken again where the server has not seen all of it come, or could not write it all. */
async function hashSoFar({ directory }: Cluster, id: string, live: Live): Promise<RunningHash> {
  const file = uploadFile(directory, id);
  const { size } = await stat(file);
  return live.running?.size === size ? live.running : await hashOfFile(file, size);
}

async function finish(
  cluster: Cluster,
  asker: Asker,
  upload: UploadRow,
  live: Live,
  { dataset, path, sha256 }: Announced,
  end: (id: string) => Promise<void>,
): Promise<void> {
  const { directory, store } = cluster;
  if (upload.dataset !== dataset || upload.path !== path) {
    throw new Refusal('bad-request', 'this upload was announced as another file');
  }
  const running = await hashSoFar(cluster, upload.id, live);
  if (running.size !== upload.size) {
    const mend = 'go on from there';
    throw new Refusal('bad-content', `${path} has ${running.size} of ${upload.size} bytes`, mend);
  }
  delete live.running;
  if (running.hash.digest('hex') !== sha256) {
    await end(upload.id);
    throw isDamaged(path);
  }
  const content = { file: uploadFile(directory, upload.id), sha256, size: upload.size };
  await syncFile(content.file);
  await placeBlobs(directory, [content]);
  registerFiles(cluster, asker, dataset, [{ path, ...content }], {
    alsoRecord: () => deleteUpload(store, upload.id),
  });
  await rm(content.file, { force: true });
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } catch (error) {
    await handle.truncate(0);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Whether this was finished before: the answer may have been lost on its way to the client. */
function isFinished(
  cluster: Cluster,
  actor: Actor,
  id: string,
  { dataset, path, sha256 }: Announced,
): boolean {
  if (uploadById(cluster.store, id) !== undefined) return false;
  checkMayFill(cluster, actor, dataset);
  const known = datasetByName(cluster.store, dataset);
  return known !== undefined && contentAt(cluster.store, known.id, path) === sha256;
}
