import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UploadOptions } from 'tus-js-client';
import type { Connection } from '../call.ts';
import type { LocalFile } from './local-files.ts';

type UrlStorage = NonNullable<UploadOptions['urlStorage']>;
type PreviousUpload = Awaited<ReturnType<UrlStorage['findAllUploads']>>[number];

/** What of an upload is remembered for longer than its server remembers it is of no use. */
const FORGOTTEN_MS = 7 * 24 * 3_600_000;

/** Tells one upload from all others, and from the same file after it has changed. */
export function fingerprintOf({ server }: Connection, dataset: string, local: LocalFile): string {
  const { path, file, size, modifiedAt } = local;
  const text = JSON.stringify([server, dataset, path, file, size, modifiedAt]);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Remembers in a directory which uploads are under way, a file each, so that another run of the command can go on
 * with them. Several commands may use it at once. Where it cannot be written, uploads are only not resumed.
 */
export function createUploadMemory(directory: string): UrlStorage {
  const find = (fingerprint: string): PreviousUpload[] =>
    namesIn(directory)
      .filter((name) => name.startsWith(`${fingerprint}.`))
      .flatMap((name) => readUpload(join(directory, name)));
  return {
    findAllUploads: async () => find(''),
    findUploadsByFingerprint: async (fingerprint) => find(fingerprint),
    removeUpload: async (key) => rmSync(key, { force: true }),
    async addUpload(fingerprint, upload) {
      const file = join(directory, `${fingerprint}.${randomUUID()}.json`);
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFileSync(`${file}.new`, JSON.stringify(upload), { mode: 0o600 });
        renameSync(`${file}.new`, file);
      } catch {
        // A home that is full or read-only is no reason not to upload.
      }
      return file;
    },
  };
}

/** Forgets uploads that their server has forgotten. */
export function forgetOldUploads(directory: string, now: number): void {
  for (const name of namesIn(directory)) {
    const file = join(directory, name);
    const [upload] = readUpload(file);
    const startedAt = upload === undefined ? 0 : Date.parse(upload.creationTime);
    if (!(now - startedAt < FORGOTTEN_MS)) rmSync(file, { force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readUpload(file: string): PreviousUpload[] {
  try {
    return [{ ...(JSON.parse(readFileSync(file, 'utf8')) as PreviousUpload), urlStorageKey: file }];
  } catch {
    // Another command has just finished it.
    return [];
  }
}
