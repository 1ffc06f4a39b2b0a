import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import pino from 'pino';

/** The log of a server: JSON, a line a record. */
export interface ServerLog {
  readonly log: FastifyBaseLogger;
  /** Goes on in a new file where the old one was moved away: what log rotation of the system asks for. */
  reopen(): void;
  /** Moves the file away where it has become large. */
  keepSmall(): void;
  /** Writes out what is still held back. */
  close(): Promise<void>;
}

/** A file of the log is moved away when it is larger than this, in bytes, and so many old ones are kept. */
const FILE_BYTES = 32 * 1024 * 1024;
const OLD_FILES = 4;

/** While the disk takes nothing, this many bytes of the log wait for it; what comes then is lost. */
const HELD_BYTES = 1024 * 1024;

/** What nobody may read in a log, wherever it stands in a record. */
const SECRETS = ['password', 'token', 'credentials', 'authorization', 'cookie', '_csrf'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/**
 * Opens the log in a directory. Secrets are struck out by their names, and nothing of a request is written but what
 * tells it from others. A disk that is full does not stop the server.
 */
export function openServerLog(directory: string): ServerLog {
  const file = join(directory, 'server.log');
  const destination = pino.destination({
    dest: file,
    sync: false,
    mode: 0o600,
    maxLength: HELD_BYTES,
  });
  // What could not be written is tried again with the next record.
  destination.on('error', () => undefined);
  const log = pino(
    {
      level: 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: 'struck out' },
      serializers: { req: describeRequest, err: pino.stdSerializers.err },
    },
    destination,
  );
  return {
    log,
    reopen: () => destination.reopen(),
    keepSmall() {
      if (sizeOf(file) <= FILE_BYTES) return;
      for (let age = OLD_FILES - 1; age > 0; age -= 1) moveAway(`${file}.${age}`, `${file}.${age + 1}`);
      moveAway(file, `${file}.1`);
      destination.reopen();
    },
    close: () =>
      new Promise((done) => {
        // A log that cannot be written does not hold up the end.
        destination.once('error', () => done());
        destination.once('close', () => done());
        destination.end();
      }),
  };
}

/** The query is left out: what links carry there may be nobody's business. */
function describeRequest(request: { readonly method: string; readonly url: string; readonly ip: string }) {
  return { method: request.method, path: request.url.split('?')[0], address: request.ip };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function moveAway(file: string, to: string): void {
  try {
    renameSync(file, to);
  } catch {
    // There is none of that age yet.
  }
}
