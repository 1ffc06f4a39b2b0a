import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenFile } from './contents.ts';

const READ_BYTES = 256 * 1024;

/** Bytes of a file from `start` on, up to and with `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that a `Range` header asks for of so many bytes; `all` where it asks for none, for several or in
 * words that are not understood, `none` where there are no such bytes.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'all' | 'none' {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'all';
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? 'none' : { start, end };
}

/** Answers a file, or the range of it that is asked for. Closes it in the end. */
export async function answerFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: OpenFile,
): Promise<FastifyReply> {
  const { handle, size, sha256, writtenAt } = file;
  // What a task has left may change, and is known by when it did.
  const tag = `"${sha256 ?? `${size}-${writtenAt}`}"`;
  const ifRange = request.headers['if-range'];
  const range = rangeOf(ifRange === undefined || ifRange === tag ? request.headers.range : undefined, size);
  void reply.headers({ 'accept-ranges': 'bytes', etag: tag, 'content-type': 'application/octet-stream' });
  if (sha256 !== null) void reply.header('x-content-sha256', sha256);
  if (range === 'none') {
    await handle.close();
    return reply.code(416).header('content-range', `bytes */${size}`).send();
  }
  const { start, end } = range === 'all' ? { start: 0, end: size - 1 } : range;
  if (range !== 'all') void reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  void reply.header('content-length', end - start + 1);
  if (end < start) {
    await handle.close();
    return reply.send('');
  }
  return reply.send(handle.createReadStream({ start, end, highWaterMark: READ_BYTES }));
}
