import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Cluster } from './cluster.ts';
import { readConfig } from './config/read-config.ts';
import { dataDirectory, makeDataDirectory } from './data-directory.ts';
import { collectRegularly, prepareDatasets } from './datasets/prepare-datasets.ts';
import { serveDatasetRoutes } from './datasets/routes.ts';
import { createApp } from './http/app.ts';
import { openClusterStore } from './state/store.ts';
import { createActorOf } from './users/actor-of.ts';
import { serveUserRoutes } from './users/routes.ts';

export { atConsole } from './console.ts';
export { AT_CONSOLE } from './operation/audited.ts';
export { addUser } from './users/add-user.ts';
export { changeUser, setPassword } from './users/change-user.ts';
export { allUsers, shownUser } from './users/user.ts';

/** How a cluster is served. */
export interface ServeOptions {
  readonly data: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default `config.yaml` in the data directory. */
  readonly config?: string;
  /** Listen beyond this machine without TLS. */
  readonly insecure: boolean;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/** A cluster that is being served. */
export interface ServedCluster {
  /** Where it listens, such as `http://127.0.0.1:5020`. */
  readonly url: string;
  /** Takes no more requests, lets those that are under way end, and lets go of everything. Jobs run on. */
  close(): Promise<void>;
}

/**
 * Serves a cluster from its data directory, which is made where it is missing. Throws a UserError where the
 * configuration is wrong, the store is not to be used, or the address is taken.
 */
export async function serve(options: ServeOptions): Promise<ServedCluster> {
  const directory = dataDirectory(resolve(options.data));
  makeDataDirectory(directory);
  const { config } = readConfig(resolve(options.config ?? directory.config), directory.root);
  const store = openClusterStore(directory.root, { mayMake: true });
  const log = pino(
    { level: 'info' },
    pino.destination({ dest: `${directory.logs}/server.log`, sync: false }),
  );
  const cluster: Cluster = { directory, config, store, clock: options.clock ?? systemClock, log };
  prepareDatasets(cluster);
  const app = await assemble(cluster);
  const url = await app.listen({ host: options.host, port: options.port });
  return {
    url,
    async close() {
      await app.close();
      store.close();
    },
  };
}

/** Puts the rooms of the server together. */
async function assemble(cluster: Cluster): Promise<FastifyInstance> {
  const { config, log } = cluster;
  const app = await createApp({ config, log, actorOf: createActorOf(cluster) });
  serveUserRoutes(app, cluster);
  serveDatasetRoutes(app, cluster);
  app.addHook('onClose', collectRegularly(cluster));
  await app.ready();
  return app;
}
