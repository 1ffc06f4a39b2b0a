import { statSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge, Histogram, Registry } from 'prom-client';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { clusterStoreFile } from '../state/store.ts';
import { figuresOf } from './cluster-figures.ts';
import { freeBytes } from './disk.ts';
import type { QueueWatch } from './queue-watch.ts';

/** Seconds: from what the store answers at once to what streams a file. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];

/**
 * Answers `/metrics` in the text format of Prometheus: to this machine, and to whoever shows an administrator's
 * token. Call it before the routes that are to be counted.
 */
export function serveMetrics(app: FastifyInstance, cluster: Cluster, watch: QueueWatch): void {
  const registry = new Registry();
  countRequests(app, registry);
  const gauge = gaugesOf(registry, cluster, watch);
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    checkMayRead(request);
    gauge();
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** A proxy on this machine passes on what others ask, and says so. */
function checkMayRead({ actor, raw, headers }: FastifyRequest): void {
  if (actor?.role === 'admin') return;
  const { remoteAddress = '' } = raw.socket;
  const isHere = LOOPBACK.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
  const isPassedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  if (isHere && !isPassedOn) return;
  throw new Refusal(
    'forbidden',
    'metrics are for this machine and for administrators',
    'show an admin’s token',
  );
}

function countRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Histogram({
    name: 'maestro_request_seconds',
    help: 'Requests by route and status, and how long they took.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const route = routeOptions.url ?? 'none';
    requests.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
}

/** Makes what has to be looked at when somebody asks, and answers how to look. */
function gaugesOf(registry: Registry, cluster: Cluster, watch: QueueWatch): () => void {
  const registers = [registry];
  const byState = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `maestro_${name}`, help, labelNames: [...labelNames], registers });
  const tasks = byState('tasks', 'Tasks by state.', ['state']);
  const jobs = byState('jobs', 'Jobs by queue and state.', ['queue', 'state']);
  const used = byState('slots_used', 'Slots in which a job runs.', ['queue']);
  const total = byState('slots_total', 'Slots that the configuration gives a queue.', ['queue']);
  const wait = byState('queue_wait_seconds', 'The mean wait of the jobs that started in the last hour.', [
    'queue',
  ]);
  const oldest = byState('queue_oldest_wait_seconds', 'How long the oldest waiting task has waited.', [
    'queue',
  ]);
  const healthy = byState('queue_healthy', '1 where a queue can run jobs, else 0.', ['queue']);
  const bytes = byState('stored_bytes', 'Bytes of the store, and of the content of datasets.', ['what']);
  const free = byState('disk_free_bytes', 'Bytes that are free on the disk of the data directory.');
  const live = byState('conductors_live', 'Conductors of tasks that live.');
  const memory = byState('resident_bytes', 'Memory of the server.');
  return () => {
    for (const gauge of [tasks, jobs, used, wait, oldest]) gauge.reset();
    const figures = figuresOf(cluster);
    for (const { state, count } of figures.tasks) tasks.set({ state }, count);
    for (const { queue, state, count } of figures.jobs) jobs.set({ queue, state }, count);
    for (const { name, slots } of cluster.config.queues) {
      total.set({ queue: name }, slots);
      used.set({ queue: name }, figures.running.get(name) ?? 0);
      healthy.set({ queue: name }, watch.troubles().get(name) === undefined ? 1 : 0);
    }
    for (const { queue, seconds } of figures.waits) wait.set({ queue }, seconds);
    for (const { queue, seconds } of figures.oldest) oldest.set({ queue }, seconds);
    bytes.set({ what: 'store' }, storeBytes(cluster.directory.root));
    bytes.set({ what: 'content' }, figures.contentBytes);
    free.set(freeBytes(cluster));
    live.set(figures.conductors);
    memory.set(process.memoryUsage.rss());
  };
}

function storeBytes(root: string): number {
  const file = clusterStoreFile(root);
  return [file, `${file}-wal`]
    .map((name) => statSync(name, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size);
}
