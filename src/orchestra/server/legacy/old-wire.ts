import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Cluster } from '../cluster.ts';
import type { TaskOrders } from '../tasks/task-orders.ts';
import { logIn } from '../users/log-in.ts';
import { legacyAnswer } from './answer.ts';
import { serveDatasetCalls } from './dataset-calls.ts';
import { field } from './fields.ts';
import { formOf } from './form-request.ts';
import { serveTaskCalls } from './task-calls.ts';
import { serveUploadCall } from './upload-call.ts';

/** The bytes of a form: the longest command, with every character written as three. */
const FORM_BYTES = 256 * 1024;

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Serves the wire of the client that people have had installed for years: forms are posted, and whatever happens
 * the answer has HTTP status 200 and says in `error_code` what it is. It does nothing of its own: it calls what the
 * API calls. Nothing of its parsers and its way to tell errors applies to other routes.
 */
export async function serveOldWire(
  app: FastifyInstance,
  cluster: Cluster,
  orders: TaskOrders,
): Promise<void> {
  const plugin: FastifyPluginAsync = async (wire) => {
    await wire.register(formbody, { bodyLimit: FORM_BYTES });
    wire.setErrorHandler((error, request, reply) => reply.code(200).send(legacyAnswer(error, request)));
    serveAuthentication(wire, cluster);
    serveDatasetCalls(wire, cluster);
    serveTaskCalls(wire, cluster, orders);
    await serveUploadCall(wire, cluster);
  };
  await app.register(plugin);
}

function serveAuthentication(wire: FastifyInstance, cluster: Cluster): void {
  wire.post('/authenticate', async (request) => {
    const form = formOf(request);
    const { token } = await logIn(cluster, {
      name: field(form, 'username'),
      password: field(form, 'password'),
      kind: 'api',
      lifetimeMs: cluster.config.users.tokenDays * DAY_MS,
      address: request.ip,
      request: request.id,
    });
    return { error_code: 200, message: 'Authentication successful!', token };
  });
}
