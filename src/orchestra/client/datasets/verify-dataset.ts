import { verifyDataset as route, showDataset } from '../../api/datasets.ts';
import { type Connection, call } from '../call.ts';
import type { TransferOptions } from './transfer.ts';

/** What reading all files of a dataset again has shown. */
export interface VerifiedDataset {
  readonly files: number;
  readonly bytes: number;
  /** Files whose content the server has lost. */
  readonly rotten: readonly string[];
}

/** How long the server may read for one answer, in milliseconds: half a gigabyte from a slow disk. */
const ANSWER_MS = 300_000;

/** Lets the server hash all uploaded files of a dataset again. */
export async function verifyDataset(
  connection: Connection,
  dataset: string,
  { onProgress, signal }: TransferOptions = {},
): Promise<VerifiedDataset> {
  const params = { dataset };
  const { files: totalFiles, size: totalBytes } = await call(connection, showDataset, { params }, signal);
  let files = 0;
  let bytes = 0;
  const rotten: string[] = [];
  let after: string | null | undefined;
  while (after !== null) {
    const timeout = AbortSignal.timeout(ANSWER_MS);
    const verified = await call(
      connection,
      route,
      { params, query: after === undefined ? {} : { after } },
      signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    );
    files += verified.files;
    bytes += verified.size;
    rotten.push(...verified.rotten);
    after = verified.next;
    onProgress?.({ files, totalFiles, bytes, totalBytes });
  }
  return { files, bytes, rotten };
}
