import { join } from 'node:path';
import { type Files, systemFiles } from '../../shared/files.ts';
import { STATE_DIRECTORY } from '../../shared/state/store.ts';
import { membersOf } from './job-script.ts';

/** How a job script says that its step ended; times are Unix milliseconds. */
export interface ExitRecord {
  readonly code: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A submission found on disk: its attempts' tokens in the order of the array. */
export interface WrittenSubmission {
  readonly id: string;
  readonly file: string;
  readonly tokens: readonly string[];
}

/** What lies in `.maestro/jobs`: job scripts, claims, exit records. */
export interface JobFiles {
  readonly directory: string;
  /** Writes a job script so that it survives a power failure: what is submitted must be findable. */
  write(file: string, text: string): void;
  /** All submissions that were ever written. */
  submissions(): WrittenSubmission[];
  /**
   * Takes an attempt away from any job that has not begun it yet. Answers the id of the job that has begun it,
   * or undefined: then no job ever will. Throws what the file system throws, and EAGAIN while a job may be
   * writing its claim.
   */
  revoke(token: string): string | undefined;
  /** Whether the attempt was taken away from its jobs: they stand back. */
  isRevoked(token: string): boolean;
  /** The job that has begun the attempt, if one has. */
  claimant(token: string): string | undefined;
  exitOf(token: string): ExitRecord | undefined;
}

/** What a conductor writes into a claim: no scheduler calls a job so. */
const REVOKED = 'revoked';

/**
 * A claim that is empty for longer than this, in milliseconds, was made on a full disk: its job could not write it,
 * and stands back like any that finds another's id there. Until then its id may be on its way.
 */
const CLAIM_MS = 60_000;

/** Opens the directory of job files, making it if need be. */
export function openJobFiles(
  studyDirectory: string,
  files: Files = systemFiles,
  now: () => number = Date.now,
): JobFiles {
  const directory = join(studyDirectory, STATE_DIRECTORY, 'jobs');
  files.makeDirectory(directory);
  const claimOf = (token: string): string => join(directory, `${token}.claim`);
  const claimant = (token: string): string | undefined => {
    const job = readIfThere(files, claimOf(token))?.trim();
    return job === undefined || job === REVOKED || job === '' ? undefined : job;
  };
  const refuseWhileWritten = (claim: string): void => {
    if (files.read(claim) !== '' || Math.abs(now() - files.modifiedAt(claim)) > CLAIM_MS) return;
    throw Object.assign(new Error(`${claim} is being written`), { code: 'EAGAIN' });
  };
  return {
    directory,
    claimant,
    isRevoked: (token) => readIfThere(files, claimOf(token))?.trim() === REVOKED,
    write(file, text) {
      files.write(file, text, { mode: 0o700, durable: true });
      // A new file's name is durable only once its directory is.
      files.syncDirectory(directory);
    },
    submissions() {
      return files
        .list(directory)
        .filter((name) => name.endsWith('.sh'))
        .map((name) => {
          const file = join(directory, name);
          return { id: name.slice(0, -'.sh'.length), file, tokens: membersOf(files.read(file)) };
        });
    },
    revoke(token) {
      try {
        files.write(claimOf(token), `${REVOKED}\n`, { isNew: true, durable: true });
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        refuseWhileWritten(claimOf(token));
        return claimant(token);
      }
    },
    exitOf(token) {
      const text = readIfThere(files, join(directory, `${token}.exit`));
      const [code, began, ended] = (text ?? '').trim().split(' ').map(Number);
      if (![code, began, ended].every(Number.isSafeInteger)) return undefined;
      return { code: code!, startedAt: began! * 1000, endedAt: ended! * 1000 };
    },
  };
}

function readIfThere(files: Files, file: string): string | undefined {
  try {
    return files.read(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
