import { authenticate as authenticateAt } from '../orchestra/client/authentication.ts';
import { serverFrom } from '../orchestra/client/connection.ts';
import { lastServer } from '../orchestra/client/credentials.ts';
import { type ClusterOptions, withRefusals } from './cluster.ts';

/**
 * Logs in to a cluster, for all calls of `castor` and `task` and for the commands: the token is kept in
 * `~/.maestro_credentials`, the password nowhere. Answers until when the token is good. Throws a Refusal, of code
 * `unauthenticated` where the name or the password is wrong.
 */
export async function authenticate(
  user: string,
  password: string,
  { server, signal }: ClusterOptions = {},
): Promise<Date> {
  const address = await withRefusals('bad-request', () =>
    serverFrom(process.env, { server }, lastServer(process.env)),
  );
  return await authenticateAt(process.env, { server: address, user, password }, signal);
}
