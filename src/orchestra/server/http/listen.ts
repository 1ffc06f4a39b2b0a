import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { UserError } from '../../../shared/errors.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can reach what listens at a host. Throws a UserError where there is no such host. */
export async function isLoopback(host: string): Promise<boolean> {
  try {
    const addresses = await lookup(host, { all: true });
    return addresses.every(({ address }) => LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
  } catch (error) {
    const message = `${host} is no address of this machine (${(error as NodeJS.ErrnoException).code})`;
    throw new UserError(message, 'name one by --host', { cause: error });
  }
}

/** Throws a UserError where passwords would travel in the open without anybody having said that they may. */
export async function checkExposure(host: string, isEncrypted: boolean, isAllowed: boolean): Promise<void> {
  if (isEncrypted || isAllowed || (await isLoopback(host))) return;
  throw new UserError(
    `${host} can be reached from other machines, and passwords would travel to it unencrypted`,
    'give server.tls in the configuration a certificate, or listen at 127.0.0.1 behind a proxy, or say --insecure',
  );
}

const TROUBLES: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  EADDRINUSE: ['is taken by another program', 'stop that, or choose another --port'],
  EADDRNOTAVAIL: ['is no address of this machine', 'name one by --host'],
  EACCES: ['may not be listened at by this user', 'choose a --port above 1023'],
};

/** Begins to listen and tells where. Throws a UserError where that cannot be. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const trouble = TROUBLES[(error as NodeJS.ErrnoException).code ?? ''];
    if (trouble === undefined) throw error;
    const [what, mend] = trouble;
    throw new UserError(`${host}:${port} ${what}`, mend, { cause: error });
  }
}
