import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { DatasetFile } from '../../api/datasets.ts';
import type { Cluster } from '../cluster.ts';
import { contentsOf, hasRotted, openFile } from './contents.ts';
import type { DatasetRow } from './dataset-rows.ts';

/** Sizes from which on an entry of a zip needs the format with 64 bits. */
const ZIP64_BYTES = 0xffff_ffff;
const READ_BYTES = 256 * 1024;

/** A zip on its way to somebody. */
export interface ZipStream {
  readonly stream: Readable;
  /** Bytes; undefined where files may still change, so that nobody can tell yet. */
  readonly size: number | undefined;
}

/**
 * The files of a dataset as a zip with their relative paths, made as it is read: nothing is written to the disk,
 * and one file is open at a time. It is not compressed: what science stores in bulk mostly is already, and the
 * server has other things to do. Throws a Refusal where a file has rotted.
 */
export async function zipStream(cluster: Cluster, dataset: DatasetRow): Promise<ZipStream> {
  const files = await contentsOf(cluster, dataset);
  const rotten = files.find((file) => file.rotten);
  if (rotten !== undefined) throw hasRotted(dataset.name, rotten.path);
  const zip = new ZipFile();
  const stream = zip.outputStream as Readable;
  let reading: Readable | undefined;
  zip.on('error', (error: Error) => stream.destroy(error));
  stream.on('close', () => reading?.destroy());
  for (const file of files) {
    zip.addReadStreamLazy(file.path, entryOptions(file), (take) => {
      void openEntry(cluster, dataset, file).then(
        (opened) => {
          reading = opened;
          if (stream.destroyed) opened.destroy();
          opened.on('error', (error) => stream.destroy(error));
          take(null, opened);
        },
        (error: unknown) => take(error, Readable.from([])),
      );
    });
  }
  return { stream, size: await endOf(zip) };
}

/** The times that a zip can hold, in milliseconds: a job may give its files any other. */
const EARLIEST_MS = Date.UTC(1980, 0, 2);
const LATEST_MS = Date.UTC(2100, 0, 1);

function entryOptions({ size, sha256, uploadedAt }: DatasetFile): object {
  const mtime = new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, uploadedAt)));
  const options = { compress: false, mode: 0o100644, mtime };
  // The size of what a task has left is known when all of it has been read.
  return sha256 === null ? { ...options, forceZip64Format: size >= ZIP64_BYTES / 2 } : { ...options, size };
}

async function openEntry(cluster: Cluster, dataset: DatasetRow, { path }: DatasetFile): Promise<Readable> {
  const { handle, size } = await openFile(cluster, dataset, path);
  if (size === 0) {
    await handle.close();
    return Readable.from([]);
  }
  // No further than it was long when it was opened: a log may grow faster than it is read.
  return handle.createReadStream({ highWaterMark: READ_BYTES, end: size - 1 });
}

async function endOf(zip: ZipFile): Promise<number | undefined> {
  const size = await new Promise<number>((resolve) => {
    // Its types do not know that the options may be left out, and that the size is told.
    (zip.end as unknown as (told: (size: number) => void) => void).call(zip, resolve);
  });
  return size < 0 ? undefined : size;
}
