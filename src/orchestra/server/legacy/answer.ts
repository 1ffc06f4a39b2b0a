import type { FastifyRequest } from 'fastify';
import { asRefusal } from '../http/errors.ts';

/** What the old wire answers, with HTTP status 200 whatever has happened. */
export interface LegacyAnswer {
  readonly error_code: number;
  readonly message: string;
  readonly token?: string;
}

/** The answer to an order for a task that is carried out. */
export const SUCCESS: LegacyAnswer = { error_code: 200, message: 'Success!' };

/** Orders for tasks that fail are all answered so: clients show the message and look no further. */
const TASK_ORDERS: ReadonlySet<string> = new Set([
  '/create-task',
  '/delete-task',
  '/retry-task',
  '/kill-task',
]);

/** How an error is told. Who could not be told apart learns no more than that. */
export function legacyAnswer(error: unknown, request: FastifyRequest): LegacyAnswer {
  const { code, message, mend, status, cause } = asRefusal(error);
  if (status >= 500) request.log.error({ err: cause ?? error, route: request.routeOptions.url }, message);
  if (code === 'unauthenticated') return { error_code: 401, message: 'Authentication failed!' };
  if (code === 'not-activated') return { error_code: 401, message };
  const isOrder = TASK_ORDERS.has(request.routeOptions.url ?? '');
  return {
    error_code: isOrder ? 500 : status,
    message: mend === undefined ? message : `${message}; ${mend}`,
  };
}
