import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { programVersion } from '../../../shared/version.ts';
import { REFUSALS, type RefusalCode } from '../../refusal.ts';
import { API_PREFIX } from '../../route.ts';

/** How refusals look: the `ErrorBody` of the wire. */
const ErrorAnswer = Type.Object({
  error: Type.Object({
    code: Type.Enum(Object.keys(REFUSALS) as RefusalCode[]),
    message: Type.String(),
    mend: Type.Optional(Type.String()),
    request: Type.Optional(Type.String()),
  }),
});

/**
 * Serves `/openapi.json` and, for people, `/docs`: made of the same descriptions by which requests are validated.
 * Call it before the routes that are to be in there.
 */
export async function serveApiDescription(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Maestro cluster',
        version: programVersion(),
        description: 'Datasets and container tasks. Tokens come from POST /api/v1/tokens.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url }) => ({ url, schema: described(schema, url) }),
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  // The page has all that it needs with it, and loads nothing from elsewhere.
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: { 'default-src': "'self'", 'img-src': "'self' data:", 'style-src': "'self' 'unsafe-inline'" },
    uiConfig: { validatorUrl: null },
  });
}

/** Only the API is described, each of its routes with how it refuses. */
function described(schema: FastifySchema | undefined, url: string): FastifySchema {
  if (!url.startsWith(API_PREFIX)) return { hide: true };
  const answers = (schema?.response ?? { 204: { type: 'null', description: 'Done.' } }) as object;
  return { ...schema, response: { ...answers, default: { description: 'Refused.', ...ErrorAnswer } } };
}
