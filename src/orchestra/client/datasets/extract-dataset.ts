import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import { makeDirectories } from '../../../shared/make-directories.ts';
import { showDataset } from '../../api/datasets.ts';
import { isFilePath } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import { type Connection, call } from '../call.ts';
import { allAtOnce } from './all-at-once.ts';
import { downloadFile, isAlreadyHere } from './download-file.ts';
import { persevere } from './persevere.ts';
import { createTally, type TransferOptions } from './transfer.ts';

/** What has been extracted. */
export interface ExtractedDataset {
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Downloads the files of a dataset into a directory, several at once, each verified by its hash and going on where
 * an earlier try has stopped. Files that are there with the same content are left as they are.
 *
 * Throws a UserError where a file would be replaced and none may be, and a Refusal for a file that the server has
 * lost, and for names that would lead out of the directory.
 */
export async function extractDataset(
  connection: Connection,
  {
    dataset,
    directory,
    mayReplace,
  }: {
    readonly dataset: string;
    readonly directory: string;
    readonly mayReplace: boolean;
  },
  options: TransferOptions = {},
): Promise<ExtractedDataset> {
  const { contents, size } = await call(connection, showDataset, { params: { dataset } }, options.signal);
  for (const { path } of contents) checkPath(path);
  const tally = createTally({ files: contents.length, bytes: size }, options.onProgress);
  makeDirectories(directory);
  const downloads = contents.map((file) => async (signal: AbortSignal) => {
    const place = join(directory, file.path);
    if (!(await isAlreadyHere(place, file))) {
      if (!mayReplace && existsSync(place)) {
        throw new UserError(`${place} is there already`, 'replace what is there by --force');
      }
      await mkdir(dirname(place), { recursive: true });
      await persevere({ ...options, signal }, async () =>
        downloadFile(connection, dataset, file, place, (bytes) => tally.report(file.path, bytes), signal),
      );
    }
    tally.finish(file.path, file.size);
  });
  await allAtOnce(downloads, options.signal);
  return { directory, files: contents.length, bytes: size };
}

/** The server may be anybody's: no name that it tells is trusted. */
function checkPath(path: string): void {
  if (isFilePath(path)) return;
  const mend = 'do not trust this server';
  throw new Refusal(
    'bad-name',
    `the server names a file ${JSON.stringify(path)}, which leads elsewhere`,
    mend,
  );
}
