import { UserError } from '../../shared/errors.ts';
import type { Connection } from './call.ts';
import { readCredentials } from './credentials.ts';

/** Whom the client speaks to, and as whom. */
export interface UserConnection extends Connection {
  readonly user: string;
  readonly token: string;
}

/** Where a cluster is, as a command line says it. */
export interface ServerFlags {
  readonly server?: string | undefined;
}

/** Where `maestro orchestra serve` listens if nobody says otherwise. */
const DEFAULT_SERVER = 'http://127.0.0.1:5020';

/**
 * The server that is meant: `--server`, else MAESTRO_SERVER, else the one of the credentials, else this machine's.
 * Throws a UserError where that is no address.
 */
export function serverFrom(env: NodeJS.ProcessEnv, flags: ServerFlags, remembered?: string): string {
  return serverAddress(chosenServer(env, flags) ?? remembered ?? DEFAULT_SERVER);
}

/**
 * The connection of whoever has authenticated here. Throws a UserError where nobody has, and where the server
 * that is meant is not the one that gave the token: no server is sent another's.
 */
export function connectionFrom(
  env: NodeJS.ProcessEnv,
  flags: ServerFlags,
  warn: (line: string) => void,
): UserConnection {
  const credentials = readCredentials(env, warn);
  const chosen = chosenServer(env, flags);
  const option = chosen === undefined ? '' : ` --server ${chosen}`;
  if (credentials === undefined) {
    throw new UserError('you have not authenticated yet', `do it by maestro authenticate${option}`);
  }
  const { user, token, server: remembered } = credentials;
  const server = serverFrom(env, flags, remembered);
  if (remembered !== undefined && server !== remembered) {
    throw new UserError(
      `you have authenticated at ${remembered}, not at ${server}`,
      `do it by maestro authenticate${option}`,
    );
  }
  return { server, user, token };
}

function chosenServer(env: NodeJS.ProcessEnv, { server }: ServerFlags): string | undefined {
  return server ?? (env.MAESTRO_SERVER === '' ? undefined : env.MAESTRO_SERVER);
}

/** An address as the client uses and remembers it: without a slash at the end. */
function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSound =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  if (isSound) return url.href.replace(/\/+$/, '');
  throw new UserError(
    `${JSON.stringify(text)} is no address of a server`,
    'give one such as https://cluster.example.org',
  );
}

/** Whether what is sent there can be read on the way: plain HTTP to another machine. */
export function isReadableOnTheWay(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
