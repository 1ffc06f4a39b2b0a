import { Flags } from '@oclif/core';
import { connectionFrom, type UserConnection } from '../orchestra/client/connection.ts';
import { warnAside } from './report.ts';

/** Of every command that asks a cluster's server. */
export const serverFlags = {
  server: Flags.string({
    helpValue: 'URL',
    summary: 'The server of the cluster; default $MAESTRO_SERVER, else where you have authenticated.',
  }),
};

/** The connection of whoever has authenticated on this machine. Throws a UserError where nobody has. */
export function connect(flags: { readonly server?: string | undefined }): UserConnection {
  return connectionFrom(process.env, flags, warnAside);
}
