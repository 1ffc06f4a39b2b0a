import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Cluster } from '../cluster.ts';
import type { QueueWatch } from '../operation/queue-watch.ts';
import type { TaskOrders } from '../tasks/task-orders.ts';
import { serveAccountPage } from './account-page.ts';
import { serveAssets } from './assets.ts';
import { serveClusterPage } from './cluster-page.ts';
import { serveDatasetPages } from './dataset-pages.ts';
import { serveJobLogPage } from './job-log-page.ts';
import { serveLogInPages } from './log-in-pages.ts';
import { preparePages } from './page-scope.ts';
import { serveRegisterPage } from './register-page.ts';
import { serveTaskPages } from './task-pages.ts';
import { serveUserPages } from './user-pages.ts';

/** What pages need of other rooms beside the store. */
export interface PagePorts {
  readonly orders: TaskOrders;
  readonly watch: QueueWatch;
}

/** Serves the pages of the cluster, in a part of the server of their own: its rules are not those of the API. */
export async function servePages(
  app: FastifyInstance,
  cluster: Cluster,
  { orders, watch }: PagePorts,
): Promise<void> {
  const serveAll: FastifyPluginAsync = async (scope) => {
    const pages = { cluster, scope };
    await preparePages(pages);
    serveAssets(scope);
    serveLogInPages(pages);
    serveRegisterPage(pages);
    serveAccountPage(pages);
    serveDatasetPages(pages);
    serveTaskPages(pages, orders);
    serveJobLogPage(pages);
    serveClusterPage(pages, watch);
    serveUserPages(pages);
  };
  await app.register(serveAll);
}
