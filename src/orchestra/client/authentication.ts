import { createToken, revokeToken } from '../api/users.ts';
import { Refusal } from '../refusal.ts';
import { type Connection, call } from './call.ts';
import { removeCredentials, writeCredentials } from './credentials.ts';

/** Who somebody says they are, and to whom. */
export interface Authentication {
  readonly server: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Has the server give a token for a password, and keeps it in the home that `env` names. Answers until when it is
 * good. Throws a Refusal where the server gives none.
 */
export async function authenticate(
  env: NodeJS.ProcessEnv,
  { server, user, password }: Authentication,
  signal?: AbortSignal,
): Promise<Date> {
  const { token, expiresAt } = await call(
    { server },
    createToken,
    { body: { username: user, password } },
    signal,
  );
  writeCredentials(env, { server, user, token });
  return new Date(expiresAt);
}

/**
 * Makes the token worthless, or all tokens of its user, and forgets it. One that the server no longer knows is
 * forgotten all the same. Throws a Refusal where the server cannot be reached; nothing is forgotten then.
 */
export async function revoke(
  env: NodeJS.ProcessEnv,
  connection: Connection,
  { all }: { readonly all: boolean },
): Promise<void> {
  try {
    await call(connection, revokeToken, { query: { all } });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'unauthenticated') throw error;
  }
  removeCredentials(env);
}
