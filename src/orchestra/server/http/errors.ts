import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorBody } from '../../error-body.ts';
import { Refusal } from '../../refusal.ts';

/** An error as a Refusal: those of the framework and the store are given a word, all others are `internal`. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { statusCode, validation, message, code } = error as FastifyError;
  if (validation !== undefined) return new Refusal('bad-request', message);
  if (statusCode === 413) return new Refusal('too-large', 'the body of the request is too large');
  if (statusCode === 429) return new Refusal('too-many-requests', message);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Refusal('bad-request', message);
  const trouble = troubleOf(code ?? '');
  if (trouble !== undefined) return new Refusal('unavailable', trouble, 'try again later', { cause: error });
  return new Refusal('internal', 'the server has made a mistake', undefined, { cause: error });
}

/** What the machine under the server is short of, by the code of an error. */
function troubleOf(code: string): string | undefined {
  if (code === 'ENOSPC' || code === 'SQLITE_FULL' || code === 'EDQUOT')
    return 'the disk of the server is full';
  if (code.startsWith('SQLITE_BUSY')) return 'the store of the server is busy';
  if (code === 'EROFS' || code.startsWith('SQLITE_READONLY'))
    return 'the disk of the server cannot be written';
  return undefined;
}

/** Answers a failed request of the API, and logs what is the server's own fault. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = asRefusal(error);
  const { code, message, mend, status } = refusal;
  const isFault = status >= 500;
  if (isFault) request.log.error({ err: refusal.cause ?? refusal, route: request.routeOptions.url }, message);
  const answer: ErrorBody = {
    code,
    message,
    ...(mend === undefined ? {} : { mend }),
    ...(isFault ? { request: request.id } : {}),
  };
  return reply.code(status).send({ error: answer });
}
