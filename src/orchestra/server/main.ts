import { resolve } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { programVersion } from '../../shared/version.ts';
import type { Cluster } from './cluster.ts';
import { readConfig } from './config/read-config.ts';
import { dataDirectory, makeDataDirectory } from './data-directory.ts';
import { collectRegularly, prepareDatasets } from './datasets/prepare-datasets.ts';
import { serveDatasetRoutes } from './datasets/routes.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { createApp } from './http/app.ts';
import { type Certificate, readCertificate } from './http/certificate.ts';
import { checkExposure, isLoopback, listen } from './http/listen.ts';
import { stopServing } from './http/stop-serving.ts';
import { serveOldWire } from './legacy/old-wire.ts';
import { openPostOffice } from './mail/post-office.ts';
import { lockDataDirectory } from './operation/data-lock.ts';
import { lackOfDisk } from './operation/disk.ts';
import { serveHealth } from './operation/health.ts';
import { keepInOrder } from './operation/keep-in-order.ts';
import { serveMetrics } from './operation/metrics.ts';
import { notices } from './operation/notices.ts';
import { serveApiDescription } from './operation/openapi.ts';
import { watchQueues } from './operation/queue-watch.ts';
import { openServerLog } from './operation/server-log.ts';
import { servePages } from './pages/serve-pages.ts';
import { openClusterStore } from './state/store.ts';
import { serveTaskRoutes } from './tasks/routes.ts';
import { startTaskLoop } from './tasks/task-loop.ts';
import { type TaskOrders, taskOrders } from './tasks/task-orders.ts';
import { watchForKills } from './tasks/watch-for-kills.ts';
import { createActorOf } from './users/actor-of.ts';
import { serveUserRoutes } from './users/routes.ts';

export { atConsole } from './console.ts';
export { addImage, removeImage } from './containers/add-image.ts';
export { listImages } from './containers/images.ts';
export { collectGarbage } from './datasets/collect-garbage.ts';
export { verifyStore } from './datasets/verify-store.ts';
export { type AuditedDeed, auditedDeeds } from './operation/audit.ts';
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
  /** What whoever started it should read, a line each. */
  readonly notices: readonly string[];
  /** Goes on in a new log file, and with the certificate that the files hold now. */
  reload(): void;
  /**
   * Takes no more requests, lets those that are under way end within a bound, and lets go of everything. Jobs run
   * on.
   */
  close(): Promise<void>;
}

/**
 * Serves a cluster from its data directory, which is made where it is missing. Throws a UserError where the
 * configuration is wrong, the store is not to be used, or the address is taken.
 */
export async function serve(options: ServeOptions): Promise<ServedCluster> {
  const directory = dataDirectory(resolve(options.data));
  const clock = options.clock ?? systemClock;
  makeDataDirectory(directory);
  const unlock = lockDataDirectory(directory.root, clock.now());
  const opened: (() => void | Promise<void>)[] = [unlock];
  try {
    const file = resolve(options.config ?? directory.config);
    const { config } = readConfig(file, directory.root, options.config === undefined);
    const tls = readCertificate(config, directory.root);
    await checkExposure(options.host, tls !== undefined, options.insecure);
    const store = openClusterStore(directory.root, { mayMake: true });
    opened.push(() => void store.close());
    const serverLog = openServerLog(directory.logs);
    opened.push(() => serverLog.close());
    const cluster: Cluster = { directory, config, store, clock, log: serverLog.log };
    prepareDatasets(cluster);
    const app = await assemble(cluster, tls);
    opened.push(() => stopServing(app, clock));
    opened.push(keepInOrder(cluster, serverLog));
    const url = await listen(app, options.host, options.port);
    cluster.log.info({ url, version: programVersion() }, 'serving');
    return {
      url,
      notices: notices(cluster, options.insecure && tls === undefined && !(await isLoopback(options.host))),
      reload() {
        serverLog.reopen();
        const renewed = readCertificate(config, directory.root);
        if (renewed !== undefined) (app.server as unknown as TlsServer).setSecureContext(renewed);
      },
      close: () => closeAll(opened),
    };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Whatever was opened last is closed first. */
async function closeAll(opened: (() => void | Promise<void>)[]): Promise<void> {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close();
}

/** Puts the rooms of the server together. Their loops end by the hook `onClose` of the application. */
async function assemble(cluster: Cluster, tls: Certificate | undefined): Promise<FastifyInstance> {
  const { config, log, clock } = cluster;
  const actorOf = createActorOf(cluster);
  const app = await createApp({ config, log, clock, actorOf, ...(tls === undefined ? {} : { tls }) });
  const engine = createEngine(cluster);
  const watch = watchQueues(cluster, (queue) => lackOfDisk(cluster) ?? engine.troubleOf(queue));
  app.addHook('onClose', async () => watch.close());
  serveMetrics(app, cluster, watch);
  serveHealth(app, cluster, watch);
  await serveApiDescription(app);
  serveUserRoutes(app, cluster);
  serveDatasetRoutes(app, cluster);
  await servePages(app, cluster, { orders: await serveTasks(app, cluster, engine), watch });
  app.addHook('onClose', collectRegularly(cluster));
  await app.ready();
  return app;
}

/** Tasks, the engine that runs them, the mails that tell of them, and both wires by which they are ordered. */
async function serveTasks(app: FastifyInstance, cluster: Cluster, engine: Engine): Promise<TaskOrders> {
  const postOffice = openPostOffice(cluster);
  const loop = startTaskLoop(cluster, engine, postOffice);
  const unwatch = watchForKills(cluster, loop);
  app.addHook('onClose', async () => {
    unwatch();
    await loop.close();
    await engine.close();
    await postOffice.close();
  });
  const orders = taskOrders(cluster, loop);
  serveTaskRoutes(app, cluster, orders);
  await serveOldWire(app, cluster, orders);
  return orders;
}
