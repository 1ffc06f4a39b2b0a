import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/clock.ts';

/**
 * Lets go of clients whose body does not arrive in time, however steadily it dribbles in. It concerns bodies that
 * are read before their handler runs; handlers that stream a body bear it as long as something comes.
 */
export function boundBodies(app: FastifyInstance, clock: Clock, withinMs: number): void {
  const waiting = new WeakMap<object, () => void>();
  app.addHook('onRequest', async (request) => {
    const { headers, raw } = request;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
    const stop = clock.after(withinMs, () => raw.socket.destroy());
    raw.once('close', stop);
    waiting.set(request, stop);
  });
  app.addHook('preValidation', async (request) => waiting.get(request)?.());
}
