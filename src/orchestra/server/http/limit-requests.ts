import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../refusal.ts';

/** Addresses that are remembered at once; beyond, the one that was quiet for longest is forgotten. */
const ADDRESSES = 20_000;

/**
 * Refuses the requests of an address beyond so many a minute, before anything else is done for them. `keyOf`
 * says what counts as one address.
 */
export async function limitRequests(
  app: FastifyInstance,
  requestsPerMinute: number,
  keyOf: (address: string) => string,
): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: requestsPerMinute,
    timeWindow: '1 minute',
    cache: ADDRESSES,
    keyGenerator: ({ ip }) => keyOf(ip),
    // Counting for every answer what is left would cost more than it tells.
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: (_request, { after }) =>
      new Refusal('too-many-requests', 'this address asks too often', `try again in ${after}`),
  });
  app.addHook('onRequest', app.rateLimit());
}
