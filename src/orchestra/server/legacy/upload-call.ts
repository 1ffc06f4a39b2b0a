import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { storeStream } from '../datasets/store-stream.ts';
import type { LegacyAnswer } from './answer.ts';
import { field } from './fields.ts';
import { actorAndUser } from './form-request.ts';

/** Of an upload's fields: three names and the credentials. Bytes. */
const FIELD_BYTES = 4 * 1024;
const FIELDS = 10;

const BYTES_IN_MIB = 1024 * 1024;

/** The call that uploads a file: one request, without resuming. */
export async function serveUploadCall(wire: FastifyInstance, cluster: Cluster): Promise<void> {
  await wire.register(multipart, {
    limits: {
      fieldSize: FIELD_BYTES,
      fields: FIELDS,
      files: 1,
      fileSize: cluster.config.limits.fileMiB * BYTES_IN_MIB + 1,
    },
    throwFileSizeLimit: false,
  });
  wire.post('/upload-dataset', { bodyLimit: Number.MAX_SAFE_INTEGER }, (request) =>
    takeUpload(cluster, request),
  );
}

async function takeUpload(cluster: Cluster, request: FastifyRequest): Promise<LegacyAnswer> {
  if (!request.isMultipart()) throw new Refusal('bad-request', 'an upload must be multipart/form-data');
  const form: Record<string, unknown> = {};
  for await (const part of request.parts()) {
    if (part.type === 'file') return await takeFile(cluster, request, form, part);
    form[part.fieldname] = Object.hasOwn(form, part.fieldname) ? [] : part.value;
  }
  throw new Refusal('bad-request', 'the field file is missing');
}

/** The fields stand before the file, as clients send them: nothing is stored for who has not said who they are. */
async function takeFile(
  cluster: Cluster,
  request: FastifyRequest,
  form: Readonly<Record<string, unknown>>,
  { filename, file }: MultipartFile,
): Promise<LegacyAnswer> {
  try {
    const { actor } = actorAndUser(cluster, form);
    const asker = { actor, address: request.ip, request: request.id };
    await storeStream(cluster, asker, { dataset: field(form, 'datasetname'), path: filename, stream: file });
    return { error_code: 200, message: `File ${filename} successfully uploaded!` };
  } finally {
    // Whoever still sends is let finish, so that the answer is read; what takes the parts apart may be stuck by then.
    file.resume();
    request.raw.unpipe();
    request.raw.resume();
  }
}
