import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createToken } from '../../../src/orchestra/api/users.ts';
import { type Connection, call } from '../../../src/orchestra/client/call.ts';
import { defaultConfig } from '../../../src/orchestra/server/config/config.ts';
import { AT_CONSOLE, addUser, atConsole } from '../../../src/orchestra/server/main.ts';
import { type Place, signal } from '../../e2e/harness.ts';
import { type ServedProcess, startServer } from '../../e2e/served-process.ts';
import { until } from '../../e2e/until.ts';
import { addBusyboxImage } from '../../orchestra/busybox-image.ts';
import { type Scene, USERS } from './scene.ts';

/** A port that is free now, for a server that must come back at the same one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A cluster that has the users of the load, an image, and a queue with containers beside one without. */
export interface KilledCluster {
  readonly data: string;
  start(): Promise<ServedProcess>;
  /** Starts a server and kills it before it serves: as soon as it has locked the data. */
  killAmidItsStart(): Promise<void>;
}

/** Writes the configuration of such a cluster, and its image. */
export function clusterToKill(place: Place, port: number): KilledCluster {
  const data = place.path('data');
  mkdirSync(data, { mode: 0o700 });
  const queues = [
    { name: 'bare', slots: 2, runtime: 'none' as const },
    { name: 'contained', slots: 2, runtime: 'bwrap' as const },
  ];
  writeFileSync(join(data, 'config.yaml'), stringify({ ...defaultConfig(2), queues }));
  addBusyboxImage(join(data, 'images'));
  const args = ['--port', String(port)];
  const holder = join(data, 'server.json');
  return {
    data,
    start: () => startServer(place, data, args),
    async killAmidItsStart() {
      const { pid, ended } = place.start(['orchestra', 'serve', '--data', data, ...args]);
      await until('the server has locked its data', () => {
        return existsSync(holder) && readFileSync(holder, 'utf8').includes(`"pid":${pid},`);
      });
      signal(pid, 'SIGKILL');
      await ended;
    },
  };
}

/** Adds the users of the load and has a token for each. */
export async function connectUsers({ data }: KilledCluster, server: string): Promise<Scene['connections']> {
  const connections: [string, Connection][] = [];
  for (const name of USERS) {
    const password = `password of ${name}`;
    await atConsole({ data }, (cluster) => addUser(cluster, AT_CONSOLE, { name, password, state: 'active' }));
    const { token } = await call({ server }, createToken, { body: { username: name, password } });
    connections.push([name, { server, token }]);
  }
  return Object.fromEntries(connections) as Scene['connections'];
}
