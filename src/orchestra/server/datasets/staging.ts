import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataDirectory } from '../data-directory.ts';

/** Content that is whole, on the disk for good, and not shown anywhere yet. */
export interface StagedContent {
  readonly file: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Where content is staged. What a crash leaves here, nobody was told of. */
function stagingDirectory({ uploads }: DataDirectory): string {
  return join(uploads, 'staged');
}

/** Makes an empty staging directory. To be called before anything is uploaded. */
export function clearStaging(directory: DataDirectory): void {
  const staging = stagingDirectory(directory);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { mode: 0o700 });
}

/** Writes content to the disk; returns once it would survive a power failure. Leaves nothing where that fails. */
export async function stageBuffer(
  directory: DataDirectory,
  content: Buffer,
  sha256: string,
): Promise<StagedContent> {
  const file = join(stagingDirectory(directory), randomUUID());
  await writeThrough(file, async (write) => await write(content));
  return { file, sha256, size: content.length };
}

/**
 * Writes a stream to the disk and hashes it on the way; `maxBytes` is where `onTooLong` is thrown. Leaves nothing
 * where that fails.
 */
export async function stageStream(
  directory: DataDirectory,
  stream: AsyncIterable<Buffer>,
  { maxBytes, onTooLong }: { readonly maxBytes: number; readonly onTooLong: () => Error },
): Promise<StagedContent> {
  const file = join(stagingDirectory(directory), randomUUID());
  const hash = createHash('sha256');
  let size = 0;
  await writeThrough(file, async (write) => {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > maxBytes) throw onTooLong();
      hash.update(chunk);
      await write(chunk);
    }
  });
  return { file, sha256: hash.digest('hex'), size };
}

/** Forgets what was staged. */
export async function unstage(contents: readonly StagedContent[]): Promise<void> {
  await Promise.all(contents.map(({ file }) => rm(file, { force: true })));
}

async function writeThrough(
  file: string,
  fill: (write: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await fill(async (chunk) => {
        await handle.writeFile(chunk);
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
