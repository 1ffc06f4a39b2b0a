import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { hasChanged } from './local-files.ts';

const READ_BYTES = 1024 * 1024;

/** Reads a file once, for sending it and for hashing it, from wherever an upload stands. */
export interface HashingReader {
  /** The bytes from `start` on, to be sent. What comes before is hashed first, if it is not yet. */
  from(start: number): Promise<NodeJS.ReadableStream>;
  /** The hash of the whole file, once all of it has been read; reads what has not. */
  digest(): Promise<string>;
  /** Stops reading. */
  close(): void;
}

/** `onError` is told when the file cannot be read, or is shorter than it was: whoever sends it would wait for ever. */
export function createHashingReader(
  { file, size }: { readonly file: string; readonly size: number },
  onError: (error: Error) => void,
): HashingReader {
  let hash: Hash = createHash('sha256');
  let hashed = 0;
  let sending: Transform | undefined;

  async function hashUpTo(end: number): Promise<void> {
    if (hashed > end) {
      hash = createHash('sha256');
      hashed = 0;
    }
    if (hashed === end) return;
    for await (const chunk of createReadStream(file, {
      start: hashed,
      end: end - 1,
      highWaterMark: READ_BYTES,
    })) {
      hash.update(chunk as Buffer);
      hashed += (chunk as Buffer).length;
    }
    if (hashed !== end) throw hasChanged(file);
  }

  return {
    async from(start) {
      sending?.destroy();
      await hashUpTo(start);
      const pass = new Transform({
        highWaterMark: READ_BYTES,
        transform(chunk: Buffer, _encoding, done) {
          // An earlier stream may have something left that it was about to pass on.
          if (pass === sending) {
            hash.update(chunk);
            hashed += chunk.length;
          }
          done(null, chunk);
        },
        flush: (done) => done(hashed === size ? null : hasChanged(file)),
      });
      sending = pass;
      pass.on('error', onError);
      const source = createReadStream(file, { start, end: size - 1, highWaterMark: READ_BYTES });
      source.on('error', (error) => pass.destroy(error));
      pass.on('close', () => source.destroy());
      return source.pipe(pass);
    },
    async digest() {
      await hashUpTo(size);
      return hash.copy().digest('hex');
    },
    close: () => sending?.destroy(),
  };
}
