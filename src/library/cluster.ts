import { connectionFrom, type UserConnection } from '../orchestra/client/connection.ts';
import { Refusal, type RefusalCode } from '../orchestra/refusal.ts';
import { UserError } from '../shared/errors.ts';

/** Of every call that asks a cluster. */
export interface ClusterOptions {
  /** The address of its server; default `MAESTRO_SERVER`, else where you have authenticated. */
  readonly server?: string;
  /** Ends the call; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The connection of whoever has authenticated on this machine. Throws a Refusal of code `unauthenticated` where nobody
 * has, or at another server.
 */
export function connect({ server }: ClusterOptions): Promise<UserConnection> {
  return withRefusals('unauthenticated', () =>
    connectionFrom(process.env, { server }, (line) => process.emitWarning(line)),
  );
}

/** Does something, and throws a Refusal of this code in place of a UserError, which has none. */
export async function withRefusals<Result>(
  code: RefusalCode,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new Refusal(code, error.message, error.mend, { cause: error });
  }
}
