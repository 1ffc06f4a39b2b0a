import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';

/** What `maestro authenticate` has left in the user's home. */
export interface Credentials {
  readonly user: string;
  readonly token: string;
  /** Who gave the token; undefined where an older client wrote the credentials. */
  readonly server: string | undefined;
}

/**
 * `~/.maestro_credentials` holds `$<user>$<token>` and nothing else: older clients send its whole text as it is.
 * The server's address is therefore in a file beside it, with a hash of the credentials that it belongs to, so
 * that a token is never sent to a server that did not give it because another program has replaced one file.
 */
function filesIn(env: NodeJS.ProcessEnv): { readonly credentials: string; readonly server: string } {
  const home = env.HOME ?? homedir();
  return { credentials: join(home, '.maestro_credentials'), server: join(home, '.maestro_server') };
}

/** Permissions of whoever is not the owner. */
const OTHERS = 0o077;

/**
 * Reads the credentials; undefined where there are none. Those that others can read are mended and warned of.
 * Throws a UserError for a file that is not of this form, or that belongs to somebody else.
 */
export function readCredentials(
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Credentials | undefined {
  const files = filesIn(env);
  const text = readPrivate(files.credentials, warn);
  if (text === undefined) return undefined;
  const [, user, token] = /^\$([^$\s]+)\$([^$\s]+)$/.exec(text.trim()) ?? [];
  if (user === undefined || token === undefined) {
    throw new UserError(`${files.credentials} holds no credentials`, 'get new ones: maestro authenticate');
  }
  return { user, token, server: rememberedServer(files.server, text.trim()) };
}

/** The server where the user has authenticated last, whatever became of the credentials. */
export function lastServer(env: NodeJS.ProcessEnv): string | undefined {
  return readRemembered(filesIn(env).server).server;
}

/** Writes the credentials, readable by the user alone: the old ones are there, or the new, never a part. */
export function writeCredentials(env: NodeJS.ProcessEnv, credentials: Required<Credentials>): void {
  const files = filesIn(env);
  const text = `$${credentials.user}$${credentials.token}`;
  const server = { server: credentials.server, credentials: hashOf(text) };
  replacePrivate(files.server, `${JSON.stringify(server)}\n`);
  replacePrivate(files.credentials, text);
}

/** Removes the credentials, if there are any. */
export function removeCredentials(env: NodeJS.ProcessEnv): void {
  const { credentials, server } = filesIn(env);
  rmSync(credentials, { force: true });
  rmSync(server, { force: true });
}

function readPrivate(file: string, warn: (line: string) => void): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    if (uid !== process.getuid?.()) {
      throw new UserError(`${file} belongs to another user`, 'remove it, then run maestro authenticate');
    }
    if ((mode & OTHERS) !== 0) {
      chmodSync(file, 0o600);
      warn(
        `${file} could be read by others and now cannot; if somebody may have read it: maestro authenticate --revoke`,
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function rememberedServer(file: string, credentials: string): string | undefined {
  const remembered = readRemembered(file);
  return remembered.credentials === hashOf(credentials) ? remembered.server : undefined;
}

function readRemembered(file: string): { readonly server?: string; readonly credentials?: unknown } {
  try {
    const { server, credentials } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return typeof server === 'string' ? { server, credentials } : {};
  } catch {
    // What is remembered is a convenience: without it the user is asked to name the server.
    return {};
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function replacePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`;
  // A file that is there already would keep its permissions.
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
