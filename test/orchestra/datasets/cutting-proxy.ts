import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What a proxy does to the connections through it. */
export interface Mischief {
  /** The first connection is cut after so many bytes in both directions together, and so on; later ones are not. */
  readonly cutAfterBytes?: readonly number[];
  /** The connection that has brought so many bytes to the server brings no more, and stays. */
  readonly holdAfterBytes?: number;
  /** A text in answers, and what stands there instead. */
  readonly replace?: readonly [string, string];
}

/** A proxy on the way to a server. */
export interface CuttingProxy {
  readonly url: string;
  /** Bytes that have come from the server. */
  bytesToClient(): number;
  /** Bytes that have come from clients. */
  bytesToServer(): number;
  /** Whether a connection is being held. */
  isHolding(): boolean;
  /** Cuts what is left, so that the server need not wait for it. */
  end(): void;
}

/** Stands between clients and a server until the test ends, and does some mischief. */
export async function cuttingProxy(
  t: TestContext,
  target: string,
  { cutAfterBytes = [], holdAfterBytes, replace }: Mischief,
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const cuts = [...cutAfterBytes];
  const sockets = new Set<Socket>();
  let toClient = 0;
  let toServer = 0;
  let isHolding = false;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let left = cuts.shift() ?? Number.POSITIVE_INFINITY;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    const pass = (from: Socket, to: Socket, change: (chunk: Buffer) => Buffer): void => {
      sockets.add(from);
      from.on('error', cut);
      from.on('close', cut);
      from.on('data', (chunk) => {
        left -= chunk.length;
        if (left < 0) return cut();
        if (!to.write(change(chunk)) && !from.isPaused()) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    let brought = 0;
    pass(client, server, (chunk) => {
      brought += chunk.length;
      toServer += chunk.length;
      if (!isHolding && holdAfterBytes !== undefined && brought >= holdAfterBytes) {
        isHolding = true;
        client.pause();
      }
      return chunk;
    });
    pass(server, client, (chunk) => {
      toClient += chunk.length;
      return replace === undefined ? chunk : replaced(chunk, replace);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  };
  t.after(end);
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    bytesToClient: () => toClient,
    bytesToServer: () => toServer,
    isHolding: () => isHolding,
    end,
  };
}

/** Both texts have the same length, or the length of the answer would be wrong. */
function replaced(chunk: Buffer, [text, other]: readonly [string, string]): Buffer {
  return Buffer.from(chunk.toString('latin1').replaceAll(text, other), 'latin1');
}
