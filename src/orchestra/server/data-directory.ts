import { accessSync, chmodSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { makeDirectories } from '../../shared/make-directories.ts';

/** Where everything of a cluster lies. Absolute paths; users' names and datasets' are checked before they get here. */
export interface DataDirectory {
  readonly root: string;
  readonly config: string;
  /** Content by its hash: `blobs/ab/abcd…`. On the same file system as `volume`, which links to it. */
  readonly blobs: string;
  /** What is being uploaded, and what is being made, before it is shown under its name. */
  readonly uploads: string;
  /** What containers see as `/volume`: `<user>/<dataset>/<file>`, `<user>/<task>/job_configId_<n>/`. */
  readonly volume: string;
  /** One study directory for each run of each task: `<task id>-<run>`. */
  readonly studies: string;
  readonly images: string;
  /** Mails, as files, where no SMTP server is configured. */
  readonly outbox: string;
  /** Content that has rotted, kept for whoever wants to look at it. */
  readonly quarantine: string;
  readonly logs: string;
}

/** The names below a data directory. */
export function dataDirectory(root: string): DataDirectory {
  const at = (name: string): string => join(root, name);
  return {
    root,
    config: at('config.yaml'),
    blobs: at('blobs'),
    uploads: at('uploads'),
    volume: at('volume'),
    studies: at('studies'),
    images: at('images'),
    outbox: at('outbox'),
    quarantine: at('quarantine'),
    logs: at('logs'),
  };
}

/**
 * Makes what is missing of a data directory, for its owner alone. Throws a UserError where it cannot be made or
 * written to.
 */
export function makeDataDirectory(directory: DataDirectory): void {
  try {
    makeAll(directory);
    accessSync(directory.root, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, path = directory.root } = error as NodeJS.ErrnoException;
    const message = `${path} cannot be made or written to (${code})`;
    throw new UserError(message, 'name another directory by --data, or see to its permissions', {
      cause: error,
    });
  }
}

function makeAll(directory: DataDirectory): void {
  makeDirectories(directory.root, 0o700);
  if (readdirSync(directory.root).length === 0) chmodSync(directory.root, 0o700);
  const { blobs, uploads, volume, studies, images, outbox, quarantine, logs } = directory;
  for (const path of [blobs, uploads, volume, studies, images, outbox, quarantine, logs]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}
