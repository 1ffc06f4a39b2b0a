import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { finishUpload, UPLOADS_PATH } from '../../api/datasets.ts';
import { Refusal } from '../../refusal.ts';
import { API_PREFIX } from '../../route.ts';
import { type Connection, call, refusalFromText } from '../call.ts';
import { createHashingReader, type HashingReader } from './hashing-reader.ts';
import { checkIsUnchanged, type LocalFile } from './local-files.ts';
import { isPassing, persevere, RETRY_DELAYS_MS } from './persevere.ts';
import type { Tally, TransferOptions } from './transfer.ts';
import { createUploadMemory, fingerprintOf } from './upload-memory.ts';

/** How an upload goes on after the command has been started again. */
export interface ResumeOptions {
  /** Where uploads that are under way are remembered; absent: nowhere. */
  readonly memory?: string;
}

/** One file on its way to a dataset. */
interface Sending {
  readonly connection: Connection;
  readonly dataset: string;
  readonly local: LocalFile;
  readonly tally: Tally;
  readonly options: TransferOptions & ResumeOptions;
}

/**
 * Uploads one file resumably: after a lost connection it goes on by itself, after the end of this program with
 * the next one. The file is stored for good, and known to be what was read here, when this returns.
 */
export async function uploadLargeFile(
  connection: Connection,
  dataset: string,
  local: LocalFile,
  tally: Tally,
  options: TransferOptions & ResumeOptions,
): Promise<void> {
  const sending: Sending = { connection, dataset, local, tally, options };
  try {
    await sendWhole(sending);
  } catch (error) {
    // What was sent by an earlier run may be damaged, or have been forgotten by the server: once from the start.
    const isWorthAnother =
      error instanceof Refusal && (error.code === 'bad-content' || error.code === 'not-found');
    if (!isWorthAnother) throw error;
    await forget(sending);
    await sendWhole(sending);
  }
  await forget(sending);
  tally.finish(local.path, local.size);
}

async function sendWhole({ connection, dataset, local, tally, options }: Sending): Promise<void> {
  let fail = (_error: Error): void => {};
  const stop = (): void => fail(options.signal?.reason as Error);
  const reader = createHashingReader(local, (error) => fail(error));
  try {
    const id = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(
        // The reader reads the file; the library only wants something here.
        Buffer.from(local.path),
        {
          ...uploadOptions({ connection, dataset, local, tally, options }, reader),
          onSuccess: () => resolve(idOf(upload.url)),
          onError: (error) => reject(refusalOfUpload(error)),
        },
      );
      fail = (error) => {
        void upload.abort();
        reject(error);
      };
      options.signal?.addEventListener('abort', stop, { once: true });
      options.signal?.throwIfAborted();
      void start(upload).catch(reject);
    });
    const sha256 = await reader.digest();
    checkIsUnchanged(local);
    await persevere(options, async () =>
      call(
        connection,
        finishUpload,
        {
          params: { upload: id },
          body: { dataset, path: local.path, sha256 },
        },
        finishSignal(options.signal),
      ),
    );
  } finally {
    options.signal?.removeEventListener('abort', stop);
    reader.close();
  }
}

/** The server may have to read a large file again, if it was started in between. Milliseconds. */
const FINISH_MS = 30 * 60_000;

function finishSignal(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(FINISH_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

async function start(upload: Upload): Promise<void> {
  const [previous] = await upload.findPreviousUploads();
  if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
  upload.start();
}

function uploadOptions(
  { connection, dataset, local, tally, options }: Sending,
  reader: HashingReader,
): UploadOptions {
  const { server, token } = connection;
  const { memory, onTrouble } = options;
  return {
    endpoint: `${server}${API_PREFIX}${UPLOADS_PATH}`,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    metadata: { dataset, path: local.path },
    uploadSize: local.size,
    retryDelays: [...RETRY_DELAYS_MS],
    onShouldRetry(error, attempt) {
      const refusal = refusalOfUpload(error);
      // Where the server stands elsewhere than was thought, it says so when it is asked again.
      const isWorthAnother =
        isPassing(refusal) || refusal.code === 'wrong-state' || refusal.code === 'bad-content';
      if (isWorthAnother) onTrouble?.(refusal.message, RETRY_DELAYS_MS[attempt] ?? 0);
      return isWorthAnother;
    },
    onProgress: (bytes) => tally.report(local.path, bytes),
    fingerprint: async () => fingerprintOf(connection, dataset, local),
    storeFingerprintForResuming: memory !== undefined,
    ...(memory === undefined ? {} : { urlStorage: createUploadMemory(memory) }),
    fileReader: {
      openFile: async () => ({
        size: local.size,
        async slice(start: number) {
          // The library takes the length of the request's body from `size`.
          const value = Object.assign(await reader.from(start), { size: local.size - start });
          return { value, done: true };
        },
        close: () => {},
      }),
    },
  };
}

async function forget({ connection, dataset, local, options: { memory } }: Sending): Promise<void> {
  if (memory === undefined) return;
  const storage = createUploadMemory(memory);
  for (const { urlStorageKey } of await storage.findUploadsByFingerprint(
    fingerprintOf(connection, dataset, local),
  )) {
    await storage.removeUpload(urlStorageKey);
  }
}

function idOf(url: string | null): string {
  return new URL(url ?? '').pathname.split('/').pop() ?? '';
}

/** What the library's error comes to: the server's own words, or that it cannot be reached. */
function refusalOfUpload(error: Error | DetailedError): Refusal {
  if (error instanceof Refusal) return error;
  const { originalResponse } = error as Partial<DetailedError>;
  if (originalResponse !== null && originalResponse !== undefined) {
    return refusalFromText(originalResponse.getBody(), String(originalResponse.getStatus()));
  }
  const cause = (error as Partial<DetailedError>).causingError as NodeJS.ErrnoException | undefined;
  const why = cause?.code ?? error.message;
  return new Refusal('unavailable', `the connection to the server broke off (${why})`, 'try again', {
    cause: error,
  });
}
