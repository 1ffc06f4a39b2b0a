import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { finishUpload, storePack as storePackRoute, UPLOADS_PATH } from '../../api/datasets.ts';
import { PACK_TYPE } from '../../file-pack.ts';
import { Refusal } from '../../refusal.ts';
import { API_PREFIX } from '../../route.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { serveRoute } from '../http/serve-route.ts';
import { askerOf } from './asker.ts';
import { storePack } from './store-pack.ts';
import { createUploads, type Uploads } from './uploads.ts';

const TUS_VERSION = '1.0.0';
const TUS_TYPE = 'application/offset+octet-stream';
const URL = `${API_PREFIX}${UPLOADS_PATH}`;

/** Serves what brings files to the cluster: packs of small ones, and resumable uploads by tus 1.0.0. */
export function serveUploadRoutes(app: FastifyInstance, cluster: Cluster): void {
  void app.register((scope, _options, done) => {
    // Bodies of these types are read by the handlers, as they come.
    scope.addContentTypeParser([PACK_TYPE, TUS_TYPE], (_request, _payload, done) => done(null));
    const uploads = createUploads(cluster);
    scope.addHook('preClose', async () => uploads.cutOff());
    serveRoute(scope, storePackRoute, async (question) => {
      const { params, request } = question;
      if (request.headers['content-type'] !== PACK_TYPE) throw wrongType(PACK_TYPE);
      const storing = storePack(cluster, askerOf(question), params.dataset, request.raw);
      return { stored: await unbroken(storing) };
    });
    serveRoute(scope, finishUpload, async (question) => {
      const { params, body } = question;
      await uploads.finish(askerOf(question), params.upload, body);
      return undefined;
    });
    serveTus(scope, uploads);
    done();
  });
}

/** The core of the protocol, with the extensions creation and termination. */
function serveTus(scope: FastifyInstance, uploads: Uploads): void {
  scope.options(URL, async (_request, reply) =>
    reply
      .headers({
        'tus-resumable': TUS_VERSION,
        'tus-version': TUS_VERSION,
        'tus-extension': 'creation,termination',
      })
      .code(204)
      .send(),
  );
  scope.post(URL, async (request, reply) => {
    const actor = tusActor(request, reply);
    const size = wholeNumber(request, 'upload-length');
    const { dataset = '', path = '' } = metadata(request);
    const id = await uploads.announce(actor, { dataset, path, size });
    return reply.header('location', `${URL}/${id}`).code(201).send();
  });
  const one = `${URL}/:upload`;
  scope.head<ById>(one, async (request, reply) => {
    const actor = tusActor(request, reply);
    const { offset, size } = await uploads.progress(actor, request.params.upload);
    return reply
      .headers({ 'upload-offset': offset, 'upload-length': size, 'cache-control': 'no-store' })
      .code(200)
      .send();
  });
  scope.patch<ById>(one, async (request, reply) => {
    const actor = tusActor(request, reply);
    if (request.headers['content-type'] !== TUS_TYPE) throw wrongType(TUS_TYPE);
    const from = wholeNumber(request, 'upload-offset');
    const offset = await unbroken(uploads.append(actor, request.params.upload, from, request.raw));
    return reply.header('upload-offset', offset).code(204).send();
  });
  scope.delete<ById>(one, async (request, reply) => {
    const actor = tusActor(request, reply);
    await uploads.abandon(actor, request.params.upload);
    return reply.code(204).send();
  });
}

interface ById {
  Params: { readonly upload: string };
}

/** Who asks, by a version of the protocol that is spoken here. */
function tusActor({ actor, headers }: FastifyRequest, reply: FastifyReply): Actor {
  void reply.header('tus-resumable', TUS_VERSION);
  if (actor === undefined) {
    throw new Refusal('unauthenticated', 'this needs a token', 'get one: maestro authenticate');
  }
  if (headers['tus-resumable'] !== TUS_VERSION) {
    throw new Refusal('bad-request', `uploads are taken by tus ${TUS_VERSION}: say so in Tus-Resumable`);
  }
  return actor;
}

function wholeNumber({ headers }: FastifyRequest, name: string): number {
  const text = String(headers[name] ?? '');
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal('bad-request', `${name} must be a number of bytes`);
}

/** `key base64,key base64`: what the protocol says of a file besides its size. */
function metadata({ headers }: FastifyRequest): Partial<Record<string, string>> {
  const pairs = String(headers['upload-metadata'] ?? '').split(',');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value = ''] = pair.trim().split(' ');
      return [key, Buffer.from(value, 'base64').toString('utf8')];
    }),
  );
}

function wrongType(type: string): Refusal {
  return new Refusal('bad-request', `the body must be of the type ${type}`);
}

/** A connection that breaks off is no fault of the server's. */
async function unbroken<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!/^(?:ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|EPIPE)$/.test(code)) throw error;
    throw new Refusal('bad-content', 'the connection broke off', 'send the rest', { cause: error });
  }
}
