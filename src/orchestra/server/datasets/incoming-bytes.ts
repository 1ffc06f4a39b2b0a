import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Bytes that are gathered before they are written: fewer, larger writes. */
const WRITE_BYTES = 1024 * 1024;

/**
 * After so many bytes the disk is told to bring them to safety, while more come in: the end of a large upload
 * would have to wait for all of it otherwise.
 */
const SYNC_BYTES = 64 * 1024 * 1024;

/** A hash of the first `size` bytes of something. */
export interface RunningHash {
  readonly hash: Hash;
  size: number;
}

/** The hash of what is in a file up to an offset: for uploads that began before this server. */
export async function hashOfFile(file: string, end: number): Promise<RunningHash> {
  const hash = createHash('sha256');
  if (end > 0) {
    for await (const chunk of createReadStream(file, { end: end - 1, highWaterMark: WRITE_BYTES })) {
      hash.update(chunk as Buffer);
    }
  }
  return { hash, size: end };
}

/**
 * Appends what a stream brings to a file, hashing it on the way. Returns when all of it is written; where the
 * stream breaks off, that error is thrown once what came before is written, so that an upload can go on from
 * there. Reads no further than a write or two ahead of the disk. Brings nothing to safety for good: that is for
 * the end of the upload.
 */
export async function appendStream(
  handle: FileHandle,
  stream: AsyncIterable<Buffer>,
  running: RunningHash,
): Promise<void> {
  const sync = createBackgroundSync(handle);
  let gathered: Buffer[] = [];
  let position = running.size;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    const chunks = gathered;
    const at = position;
    gathered = [];
    position = running.size;
    writing = writeAll(handle, chunks, at);
    // Whoever awaits it next is told; nobody may be waiting just now.
    void writing.catch(() => {});
    sync.wrote(position - at);
  };
  try {
    for await (const chunk of stream) {
      running.hash.update(chunk);
      running.size += chunk.length;
      gathered.push(chunk);
      if (running.size - position >= WRITE_BYTES) await flush();
    }
  } finally {
    await flush();
    await writing;
    await sync.ended();
  }
}

/** Syncs a file now and then while it is written, without holding up the writing. */
function createBackgroundSync(handle: FileHandle): { wrote(bytes: number): void; ended(): Promise<void> } {
  let unsynced = 0;
  let running: Promise<void> | undefined;
  let failure: unknown;
  const sync = async (): Promise<void> => {
    try {
      await handle.datasync();
    } catch (error) {
      // The kernel tells of an error once: a later sync of the same file would succeed.
      failure ??= error;
    }
    running = undefined;
  };
  return {
    wrote(bytes) {
      unsynced += bytes;
      if (unsynced < SYNC_BYTES || running !== undefined) return;
      unsynced = 0;
      running = sync();
    },
    async ended() {
      await running;
      if (failure !== undefined) throw failure;
    },
  };
}

async function writeAll(handle: FileHandle, chunks: readonly Buffer[], position: number): Promise<void> {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytes === 0) return;
  const { bytesWritten } = await handle.writev(chunks, position);
  if (bytesWritten === bytes) return;
  // A disk that is nearly full takes a part; trying the rest tells why.
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  await handle.write(rest, 0, rest.length, position + bytesWritten);
}
