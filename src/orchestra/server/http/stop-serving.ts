import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/clock.ts';

/**
 * How long requests that are under way may take once the server is to stop, in milliseconds: less than what
 * service managers wait before they kill. Uploads that are cut off can be resumed.
 */
const STOP_MS = 30_000;

/** Takes no more requests, lets those under way end, and cuts off those that take too long. */
export async function stopServing(app: FastifyInstance, clock: Clock): Promise<void> {
  const relent = clock.after(STOP_MS, () => app.server.closeAllConnections());
  await app.close();
  relent();
}
