import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { systemClock } from '../../../shared/clock.ts';
import { type DatasetFile, showDataset } from '../../api/datasets.ts';
import { ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import { type Connection, call } from '../call.ts';
import { allAtOnce } from './all-at-once.ts';
import { type LocalFile, localFiles } from './local-files.ts';
import { createTally, type Tally, type TransferOptions } from './transfer.ts';
import { type ResumeOptions, uploadLargeFile } from './upload-large-file.ts';
import { forgetOldUploads } from './upload-memory.ts';
import { isPacked, packsOf, uploadPack } from './upload-packs.ts';

/** What has been uploaded. */
export interface UploadedDataset {
  readonly files: number;
  readonly bytes: number;
  /** What lay there and is no file. */
  readonly skipped: readonly string[];
}

/**
 * Uploads a file, or the files of a directory with their relative paths, into a dataset, which is made where there
 * is none. Files that are there with the same content are not sent again, so that an upload that was interrupted
 * can simply be repeated.
 *
 * Throws a Refusal for names that cannot be, before anything is sent, and for files that are there with other
 * content.
 */
export async function uploadDataset(
  connection: Connection,
  { dataset, path }: { readonly dataset: string; readonly path: string },
  options: TransferOptions & ResumeOptions = {},
): Promise<UploadedDataset> {
  ownerOfName(dataset, 'dataset');
  const { files, skipped } = localFiles(path);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (options.memory !== undefined) forgetOldUploads(options.memory, (options.clock ?? systemClock).now());
  const there = await filesThere(connection, dataset, options.signal);
  for (const file of files) checkSize(dataset, file, there.get(file.path));
  const tally = createTally({ files: files.length, bytes }, options.onProgress);
  await allAtOnce(uploads(connection, dataset, files, { there, tally, options }), options.signal);
  return { files: files.length, bytes, skipped };
}

interface Uploading {
  readonly there: ReadonlyMap<string, DatasetFile>;
  readonly tally: Tally;
  readonly options: TransferOptions & ResumeOptions;
}

/** The largest first: they take longest, and small ones fill the time beside them. */
function* uploads(
  connection: Connection,
  dataset: string,
  files: readonly LocalFile[],
  { there, tally, options }: Uploading,
): Generator<(signal: AbortSignal) => Promise<void>> {
  const large = files.filter((file) => !isPacked(file)).sort((a, b) => b.size - a.size);
  for (const file of large) {
    yield async (signal) => {
      if (await isThere(dataset, file, there.get(file.path))) tally.finish(file.path, file.size);
      else await uploadLargeFile(connection, dataset, file, tally, { ...options, signal });
    };
  }
  for (const pack of packsOf(files.filter(isPacked))) {
    yield async (signal) => await uploadPack(connection, dataset, pack, tally, { ...options, signal });
  }
}

async function filesThere(
  connection: Connection,
  dataset: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, DatasetFile>> {
  try {
    const { contents } = await call(connection, showDataset, { params: { dataset } }, signal);
    return new Map(contents.map((file) => [file.path, file]));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-found') return new Map();
    throw error;
  }
}

function checkSize(dataset: string, { path, size }: LocalFile, there: DatasetFile | undefined): void {
  if (there !== undefined && there.size !== size) throw isOther(dataset, path);
}

/** Whether the dataset has this content already; what the server has lost of it is sent again. */
async function isThere(
  dataset: string,
  { path, file }: LocalFile,
  there: DatasetFile | undefined,
): Promise<boolean> {
  if (there === undefined) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  if (hash.digest('hex') !== there.sha256) throw isOther(dataset, path);
  return !there.rotten;
}

function isOther(dataset: string, path: string): Refusal {
  const mend = 'use another dataset, or delete this one first';
  return new Refusal('exists', `${path} is in ${dataset} already with other content`, mend);
}
