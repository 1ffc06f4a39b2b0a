import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { Cluster } from '../cluster.ts';
import { freeBytes, lackOfDisk } from './disk.ts';
import type { QueueWatch } from './queue-watch.ts';

const Health = Type.Object({
  status: Type.Enum(['healthy', 'unhealthy']),
  /** What is wrong, a sentence each. */
  reasons: Type.Array(Type.String()),
  diskFreeBytes: Type.Integer(),
  queues: Type.Record(Type.String(), Type.Enum(['healthy', 'unhealthy'])),
});

type Health = Static<typeof Health>;

/** Answers `/healthz`, for whatever watches the server: 200, or 503 with the reasons. Anybody may ask. */
export function serveHealth(app: FastifyInstance, cluster: Cluster, watch: QueueWatch): void {
  const schema = { response: { '2xx': Health, '5xx': Health } };
  app.get('/healthz', { schema, logLevel: 'silent' }, async (_, reply) => {
    const health = healthOf(cluster, watch);
    return await reply.code(health.status === 'healthy' ? 200 : 503).send(health);
  });
}

function healthOf(cluster: Cluster, watch: QueueWatch): Health {
  const troubles = watch.troubles();
  const disk = lackOfDisk(cluster);
  // A full disk troubles every queue, and is told once.
  const ill = disk === undefined ? [...troubles].filter(([, trouble]) => trouble !== undefined) : [];
  const reasons = [
    lackOfStore(cluster),
    disk,
    ...ill.map(([name, trouble]) => `queue ${name}: ${trouble}`),
  ].filter((reason) => reason !== undefined);
  return {
    status: reasons.length === 0 ? 'healthy' : 'unhealthy',
    reasons,
    diskFreeBytes: freeBytes(cluster),
    queues: Object.fromEntries(
      [...troubles].map(([name, trouble]) => [name, trouble === undefined ? 'healthy' : 'unhealthy']),
    ),
  };
}

function lackOfStore({ store }: Cluster): string | undefined {
  try {
    store.prepare('SELECT count(*) FROM setting').get();
    return undefined;
  } catch (error) {
    return `the store does not answer (${(error as { readonly code?: string }).code})`;
  }
}
