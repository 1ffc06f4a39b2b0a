import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  createTask,
  deleteTask,
  killAllTasks,
  killTask,
  LOG_ENDED,
  listJobs,
  listTasks,
  readJobLog as readJobLogRoute,
  retryTask,
  showQueue,
  showTask,
} from '../../api/tasks.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { serveRoute } from '../http/serve-route.ts';
import { originOf } from '../operation/audited.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { knownUser } from '../users/user.ts';
import { jobsOf, shownTask, taskDetails, tasksOf } from './board.ts';
import { readJobLog } from './job-log.ts';
import { jobsOfQueue } from './queue-board.ts';
import type { Orderer, TaskOrders } from './task-orders.ts';
import { knownTask } from './task-row.ts';

/** Serves the routes of src/orchestra/api/tasks.ts. */
export function serveTaskRoutes(app: FastifyInstance, cluster: Cluster, orders: TaskOrders): void {
  const { store } = cluster;
  const by = (actor: Actor, request: FastifyRequest): Orderer => ({
    actor,
    origin: originOf(actor, request),
  });
  serveRoute(app, createTask, ({ actor, body, request }) => {
    const { name, count, jobs } = orders.create(by(actor, request), body);
    return { name, count, jobs };
  });
  serveRoute(app, retryTask, ({ actor, params, request }) =>
    shownTask(store, orders.retry(by(actor, request), params.task)),
  );
  serveRoute(app, killTask, ({ actor, params, request }) =>
    shownTask(store, orders.kill(by(actor, request), params.task)),
  );
  serveRoute(app, killAllTasks, ({ actor, query, request }) => ({
    killed: orders.killAll(by(actor, request), query.user ?? actor.name),
  }));
  serveRoute(app, deleteTask, ({ actor, params, request }) => {
    orders.delete(by(actor, request), params.task);
    return undefined;
  });
  serveBoards(app, cluster);
}

function serveBoards(app: FastifyInstance, cluster: Cluster): void {
  const { store } = cluster;
  serveRoute(app, listTasks, ({ actor, query }) => tasksOf(store, ownerId(cluster, actor, query.user)));
  serveRoute(app, showTask, ({ actor, params }) => taskDetails(store, knownTask(store, actor, params.task)));
  serveRoute(app, listJobs, ({ actor, params, query }) =>
    jobsOf(store, knownTask(store, actor, params.task).id, query),
  );
  serveRoute(app, readJobLogRoute, async ({ actor, params, query, reply }) => {
    const task = knownTask(store, actor, params.task);
    const { bytes, isLast } = await readJobLog(cluster, task, params.number, query.offset ?? 0);
    await reply
      .headers({ [LOG_ENDED]: String(isLast), 'x-content-type-options': 'nosniff' })
      .type('text/plain; charset=utf-8')
      .send(bytes);
    return undefined;
  });
  serveRoute(app, showQueue, ({ params }) => {
    checkQueue(cluster, params.queue);
    return jobsOfQueue(store, params.queue);
  });
}

/** The user that is meant, whose things the actor may see. */
function ownerId({ store }: Cluster, actor: Actor, name: string | undefined): number {
  if (name === undefined || name === actor.name) return actor.id;
  mayActFor(actor, name);
  return knownUser(store, name).id;
}

/** Throws a Refusal where there is no such queue. */
export function checkQueue({ config }: Cluster, queue: string): void {
  const names = config.queues.map(({ name }) => name);
  if (names.includes(queue)) return;
  throw new Refusal(
    'not-found',
    `there is no queue ${JSON.stringify(queue)}`,
    `there are ${names.join(', ')}`,
  );
}
