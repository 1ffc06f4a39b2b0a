import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DatasetFile, readDatasetFile } from '../../api/datasets.ts';
import { Refusal } from '../../refusal.ts';
import { type Connection, fetchFrom, refusalOf, routeUrl } from '../call.ts';
import { bodyOf, brokeOff, isOfTheLine } from './download-zip.ts';

const READ_BYTES = 1024 * 1024;

/** Whether a file here has the content of one of a dataset; what has no hash is never known to. */
export async function isAlreadyHere(place: string, { sha256, size }: DatasetFile): Promise<boolean> {
  if (sha256 === null || (await sizeOf(place)) !== size) return false;
  return (await hashOf(place)).digest('hex') === sha256;
}

/**
 * Downloads one file into its place, from where an earlier try has stopped. It appears when it is whole and, if it
 * was uploaded, its hash is right. Throws a Refusal: `unavailable` where the line broke off, `bad-content` where
 * something else came.
 */
export async function downloadFile(
  connection: Connection,
  dataset: string,
  file: DatasetFile,
  place: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const part = partOf(place, file);
  const from = (await sizeOf(part)) ?? 0;
  const url = routeUrl(connection, readDatasetFile, { params: { dataset }, query: { path: file.path } });
  const response = await fetchFrom(connection, url, {
    headers: from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': tagOf(file) },
    signal,
  });
  // Nothing is left to be had of a part that is whole already.
  if (!response.ok && response.status !== 416) throw await refusalOf(response);
  const start = response.status === 200 ? 0 : from;
  const hash = start === 0 ? createHash('sha256') : await hashOf(part);
  if (response.status === 416) await response.arrayBuffer();
  else await receive(response, part, start, hash, onBytes, signal);
  await settle(part, place, file, hash);
}

async function receive(
  response: Response,
  part: string,
  start: number,
  hash: Hash,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let bytes = start;
  const expected = start + Number(response.headers.get('content-length'));
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  try {
    const flags = start === 0 ? 'w' : 'r+';
    await pipeline(bodyOf(response), count, createWriteStream(part, { flags, start }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw isOfTheLine(error) ? brokeOff(error) : error;
  }
  if (bytes !== expected) throw brokeOff();
}

async function settle(part: string, place: string, { path, sha256 }: DatasetFile, hash: Hash): Promise<void> {
  if (sha256 === null || hash.digest('hex') === sha256) {
    await rename(part, place);
    return;
  }
  await rm(part);
  const mend = 'try again; if that does not help: maestro castor verify';
  throw new Refusal('bad-content', `${path} has not arrived as it was uploaded: its hash is another`, mend);
}

/** A name that says whose part it is, so that no other content goes on from it; short, whatever the file's name. */
function partOf(place: string, file: DatasetFile): string {
  const identity = createHash('sha256')
    .update(JSON.stringify([file.path, tagOf(file)]))
    .digest('hex');
  return join(dirname(place), `.maestro-${identity.slice(0, 24)}.part`);
}

/** As the server tags this content. */
function tagOf({ sha256, size, uploadedAt }: DatasetFile): string {
  return `"${sha256 ?? `${size}-${uploadedAt}`}"`;
}

async function hashOf(file: string): Promise<Hash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES }))
    hash.update(chunk as Buffer);
  return hash;
}

/** Undefined where there is none. */
async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
