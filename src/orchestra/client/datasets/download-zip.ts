import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UserError } from '../../../shared/errors.ts';
import { downloadZip as route } from '../../api/datasets.ts';
import { Refusal } from '../../refusal.ts';
import { ask, type Connection } from '../call.ts';
import type { TransferOptions } from './transfer.ts';

/** What has been downloaded. */
export interface DownloadedZip {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Downloads a dataset as a zip. The file appears when it is whole; nothing is left of one that is not. Throws a
 * UserError where there is a file already and none may be replaced.
 */
export async function downloadZip(
  connection: Connection,
  {
    dataset,
    file,
    mayReplace,
  }: { readonly dataset: string; readonly file: string; readonly mayReplace: boolean },
  { signal, onProgress }: TransferOptions = {},
): Promise<DownloadedZip> {
  if (!mayReplace && existsSync(file))
    throw new UserError(`${file} is there already`, 'replace it by --force');
  // An end of its own, so that no bound on the time of an answer ends a long download.
  const response = await ask(
    connection,
    route,
    { params: { dataset } },
    signal ?? new AbortController().signal,
  );
  const part = `${file}.${process.pid}.part`;
  const totalBytes = Number(response.headers.get('content-length') ?? 0);
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onProgress?.({ files: 0, totalFiles: 1, bytes, totalBytes });
      done(null, chunk);
    },
  });
  try {
    await pipeline(bodyOf(response), count, createWriteStream(part, { flags: 'wx' }), {
      ...(signal && { signal }),
    });
    if (totalBytes > 0 && bytes !== totalBytes) throw brokeOff();
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    signal?.throwIfAborted();
    throw isOfTheLine(error) ? brokeOff(error) : error;
  }
  onProgress?.({ files: 1, totalFiles: 1, bytes, totalBytes: bytes });
  return { file, bytes };
}

/** The bytes of an answer. */
export function bodyOf(response: Response): Readable {
  return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
}

/** Whether reading an answer has failed for want of its end. */
export function isOfTheLine(error: unknown): boolean {
  const { code, message, name } = error as NodeJS.ErrnoException;
  return name === 'TypeError' && message === 'terminated'
    ? true
    : /^(?:UND_ERR|ECONNRESET|EPIPE)/.test(code ?? '');
}

/** The refusal of an answer without its end. */
export function brokeOff(cause?: unknown): Refusal {
  return new Refusal('unavailable', 'the download broke off', 'try again', { cause });
}
