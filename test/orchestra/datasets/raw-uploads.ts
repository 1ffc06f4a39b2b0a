import { createHash } from 'node:crypto';
import type { Connection } from '../../../src/orchestra/client/call.ts';
import { PACK_END, PACK_TYPE, packFile } from '../../../src/orchestra/file-pack.ts';

/** The hash of some content, as files are known by. */
export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What a server answered. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it was
  readonly body: any;
}

/** Sends a request below the API as it is, without the client's help. */
export async function send(
  { server, token }: Connection,
  method: string,
  path: string,
  { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: Buffer | string } = {},
): Promise<RawAnswer> {
  const url = new URL(path, server);
  const response = await fetch(path.startsWith('/api/') ? url : `${server}/api/v1${path}`, {
    method,
    // A server that starts again does not know the connections of the one before.
    headers: {
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  };
}

/** A pack of files by their paths. */
export function packOf(files: Readonly<Record<string, string>>): Buffer {
  const packed = Object.entries(files).map(([path, text]) =>
    packFile({ path, sha256: sha256(text), content: Buffer.from(text) }),
  );
  return Buffer.concat([...packed, PACK_END]);
}

/** Stores small files in a dataset by one pack. */
export async function storeFiles(
  connection: Connection,
  dataset: string,
  files: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  return await send(connection, 'POST', `/datasets/${dataset}/files`, {
    headers: { 'content-type': PACK_TYPE },
    body: packOf(files),
  });
}

const TUS = { 'tus-resumable': '1.0.0' };

/** Announces a file and answers where to send it. */
export async function announce(
  connection: Connection,
  { dataset, path, size }: { readonly dataset: string; readonly path: string; readonly size: number },
): Promise<RawAnswer & { readonly location: string }> {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const answer = await send(connection, 'POST', '/uploads', {
    headers: {
      ...TUS,
      'upload-length': String(size),
      'upload-metadata': `dataset ${encode(dataset)},path ${encode(path)}`,
    },
  });
  return { ...answer, location: answer.headers.get('location') ?? '' };
}

/** Sends bytes to an upload. */
export async function append(
  connection: Connection,
  location: string,
  offset: number,
  body: Buffer | string,
): Promise<RawAnswer> {
  return await send(connection, 'PATCH', location, {
    headers: { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body,
  });
}

/** How far an upload has come; undefined where there is none. */
export async function offsetOf(connection: Connection, location: string): Promise<number | undefined> {
  const { status, headers } = await send(connection, 'HEAD', location, { headers: TUS });
  return status === 200 ? Number(headers.get('upload-offset')) : undefined;
}

/** Ends an upload. */
export async function finish(
  connection: Connection,
  location: string,
  body: { readonly dataset: string; readonly path: string; readonly sha256: string },
): Promise<RawAnswer> {
  return await send(connection, 'POST', `${location}/finish`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Gives an upload up. */
export async function abandon(connection: Connection, location: string): Promise<RawAnswer> {
  return await send(connection, 'DELETE', location, { headers: TUS });
}
