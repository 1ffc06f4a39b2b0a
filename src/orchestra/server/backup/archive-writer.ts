import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { appendFile, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { ARCHIVE, manifestLine } from './archive.ts';

/** Writes an archive, entry by entry, with a manifest of all that is in it. */
export interface ArchiveWriter {
  addDirectory(path: string): Promise<void>;
  addText(path: string, text: string): Promise<void>;
  /** Adds a file as long as it is now; answers whether it was still there, and what its content hashes to. */
  addFile(path: string, file: string): Promise<string | undefined>;
  /** Adds the manifest, and ends the archive; what was written has then reached the disk. */
  finish(): Promise<void>;
  /** Lets go of a file that is not to be finished. */
  abandon(): Promise<void>;
  /** How many bytes there are so far. */
  readonly bytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Begins an archive in a file, which must not be there yet. `manifest` is a file for the lines meanwhile. */
export function openArchive(file: string, manifest: string): ArchiveWriter {
  const tar = pack();
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  const written = pipeline(tar, output);
  // Whoever adds learns of it; nobody does between two entries.
  void written.catch(() => undefined);
  const writer = new Writer(tar, written, manifest);
  return {
    async addDirectory(path) {
      await writer.add({ name: path, type: 'directory', size: 0, mode: 0o700 });
    },
    async addText(path, text) {
      const bytes = Buffer.from(text);
      await writer.add({ name: path, type: 'file', size: bytes.length, mode: 0o600 }, [bytes]);
    },
    addFile: (path, file) => writer.addFile(path, file),
    async finish() {
      await writer.addFile(ARCHIVE.manifest, manifest);
      tar.finalize();
      await written;
    },
    async abandon() {
      tar.destroy();
      await written.catch(() => undefined);
    },
    get bytes() {
      return output.bytesWritten;
    },
  };
}

interface Entry {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly size: number;
  readonly mode: number;
}

class Writer {
  readonly tar: Pack;
  readonly written: Promise<void>;
  readonly manifest: string;

  constructor(tar: Pack, written: Promise<void>, manifest: string) {
    this.tar = tar;
    this.written = written;
    this.manifest = manifest;
  }

  async addFile(path: string, file: string): Promise<string | undefined> {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      },
    );
    if (handle === undefined) return undefined;
    try {
      const { size, mode } = await handle.stat();
      const chunks = size === 0 ? [] : exactly(size, handle.createReadStream(range(size)));
      return await this.add({ name: path, type: 'file', size, mode: mode & 0o700 }, chunks);
    } finally {
      await handle.close();
    }
  }

  /** Adds an entry of just that many bytes, and a line about it; answers their hash. */
  async add(entry: Entry, chunks: AsyncIterable<Buffer> | Iterable<Buffer> = []): Promise<string> {
    const hash = createHash('sha256');
    const sink = this.tar.entry(entry);
    await this.unlessBroken(
      pipeline(async function* () {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      }, sink),
    );
    const sha256 = hash.digest('hex');
    if (entry.name !== ARCHIVE.manifest) {
      await appendFile(this.manifest, manifestLine(sha256, entry.size, entry.name));
    }
    return sha256;
  }

  /** An entry of an archive that cannot be written would else wait for ever. */
  private async unlessBroken(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.written.then(() => work)]);
  }
}

const range = (size: number) => ({
  start: 0,
  end: size - 1,
  autoClose: false,
  highWaterMark: CHUNK_BYTES,
});

/** A file that has become shorter meanwhile, such as the output of a job that begins again, ends in zeros. */
async function* exactly(size: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let missing = size;
  for await (const chunk of chunks) {
    missing -= chunk.length;
    yield chunk;
  }
  for (; missing > 0; missing -= CHUNK_BYTES) yield Buffer.alloc(Math.min(missing, CHUNK_BYTES));
}
