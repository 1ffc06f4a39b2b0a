import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { storePack } from '../../api/datasets.ts';
import { PACK_BYTES, PACK_END, PACK_FILES, PACK_TYPE, PACKED_FILE_BYTES, packFile } from '../../file-pack.ts';
import { type Connection, fetchFrom, refusalOf, routeUrl } from '../call.ts';
import { hasChanged, type LocalFile } from './local-files.ts';
import { persevere } from './persevere.ts';
import type { Tally, TransferOptions } from './transfer.ts';

/** How long the server may take for a pack, in milliseconds: over a slow line that is 30 KiB a second. */
const ANSWER_MS = 300_000;

/** Whether a file travels with others. */
export function isPacked({ size }: LocalFile): boolean {
  return size <= PACKED_FILE_BYTES;
}

/** Divides small files among packs. */
export function* packsOf(files: readonly LocalFile[]): Generator<readonly LocalFile[]> {
  let pack: LocalFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (pack.length === PACK_FILES || (pack.length > 0 && bytes + file.size > PACK_BYTES)) {
      yield pack;
      pack = [];
      bytes = 0;
    }
    pack.push(file);
    bytes += file.size;
  }
  if (pack.length > 0) yield pack;
}

/** Uploads the files of one pack; they are stored for good when this returns. */
export async function uploadPack(
  connection: Connection,
  dataset: string,
  files: readonly LocalFile[],
  tally: Tally,
  options: TransferOptions,
): Promise<void> {
  const body = Buffer.concat([...(await Promise.all(files.map(packed))), PACK_END]);
  const url = routeUrl(connection, storePack, { params: { dataset } });
  await persevere(options, async () => {
    const timeout = AbortSignal.timeout(ANSWER_MS);
    const response = await fetchFrom(connection, url, {
      method: storePack.method,
      headers: { 'content-type': PACK_TYPE },
      body,
      signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
    });
    if (!response.ok) throw await refusalOf(response);
    await response.arrayBuffer();
  });
  for (const { path, size } of files) tally.finish(path, size);
}

async function packed({ path, file, size }: LocalFile): Promise<Buffer> {
  const content = await readFile(file);
  if (content.length !== size) throw hasChanged(file);
  return packFile({ path, sha256: createHash('sha256').update(content).digest('hex'), content });
}
