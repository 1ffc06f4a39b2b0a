import { Refusal } from './refusal.ts';

/** The media type of a pack. */
export const PACK_TYPE = 'application/vnd.maestro.files';

/**
 * What a pack may hold. A request is worked on in memory and recorded in one transaction: within these bounds
 * that takes milliseconds, and the way to the server costs little for each file.
 */
export const PACK_FILES = 256;
export const PACKED_FILE_BYTES = 256 * 1024;
export const PACK_BYTES = 8 * 1024 * 1024;

/** A header holds a path of 1 KiB, which JSON may make longer, a size and a hash. */
const HEADER_BYTES = 8 * 1024;
const LENGTH_BYTES = 4;

/** A small file with its content, as it travels. */
export interface PackedFile {
  readonly path: string;
  readonly sha256: string;
  readonly content: Buffer;
}

/**
 * A file as it stands in a pack: the length of the header in 4 bytes (big endian), the header as JSON, and the
 * content.
 */
export function packFile({ path, sha256, content }: PackedFile): Buffer {
  const header = Buffer.from(JSON.stringify({ path, size: content.length, sha256 }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header, content]);
}

/** Stands behind the last file: a header of no length, by which a pack that was cut is known. */
export const PACK_END: Buffer = Buffer.alloc(LENGTH_BYTES);

interface Header {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Takes a pack apart as it comes. Throws a Refusal for one that is malformed, beyond the bounds, cut, or longer
 * than its end.
 */
export async function* unpack(chunks: AsyncIterable<Buffer>): AsyncGenerator<PackedFile> {
  let unread: Buffer = Buffer.alloc(0);
  let files = 0;
  let bytes = 0;
  let hasEnded = false;
  for await (const chunk of chunks) {
    if (hasEnded && chunk.length > 0) throw malformed('something follows its end');
    bytes += chunk.length;
    if (bytes > PACK_BYTES + PACK_FILES * HEADER_BYTES) {
      throw new Refusal('too-large', `a pack may have ${PACK_BYTES} bytes`);
    }
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    for (;;) {
      const taken = takeFile(unread);
      if (taken === 'more') break;
      unread = unread.subarray(taken.length);
      hasEnded = taken.file === undefined;
      if (hasEnded && unread.length > 0) throw malformed('something follows its end');
      if (taken.file === undefined) break;
      if (++files > PACK_FILES) throw new Refusal('too-large', `a pack may have ${PACK_FILES} files`);
      yield taken.file;
    }
  }
  if (!hasEnded) throw malformed('its end is missing');
}

/** The first file in some bytes, and how long it is there; `more` where it is not whole; no file at the end. */
function takeFile(bytes: Buffer): 'more' | { readonly length: number; readonly file?: PackedFile } {
  if (bytes.length < LENGTH_BYTES) return 'more';
  const headerLength = bytes.readUInt32BE();
  if (headerLength === 0) return { length: LENGTH_BYTES };
  if (headerLength > HEADER_BYTES) throw malformed('a header is too long');
  const contentAt = LENGTH_BYTES + headerLength;
  if (bytes.length < contentAt) return 'more';
  const { path, size, sha256 } = readHeader(bytes.subarray(LENGTH_BYTES, contentAt));
  const end = contentAt + size;
  if (bytes.length < end) return 'more';
  return { length: end, file: { path, sha256, content: bytes.subarray(contentAt, end) } };
}

function readHeader(bytes: Buffer): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Header> | null;
  } catch {
    throw malformed('a header is no JSON');
  }
  const { path, size, sha256 } = header ?? {};
  if (typeof path !== 'string' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw malformed('a header has no path or no hash');
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw malformed('a header has no size');
  }
  if (size > PACKED_FILE_BYTES) {
    throw new Refusal('too-large', `a file in a pack may have ${PACKED_FILE_BYTES} bytes`);
  }
  return { path, size, sha256 };
}

function malformed(what: string): Refusal {
  return new Refusal('bad-content', `the pack of files is malformed: ${what}`);
}
