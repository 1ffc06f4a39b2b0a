import type { FastifyInstance } from 'fastify';
import { datasetTable } from '../../tables.ts';
import type { Cluster } from '../cluster.ts';
import { datasetFor, shownDatasets } from '../datasets/contents.ts';
import { datasetsOf } from '../datasets/dataset-rows.ts';
import { deleteDataset } from '../datasets/delete-dataset.ts';
import { zipStream } from '../datasets/zip.ts';
import { knownUser } from '../users/user.ts';
import { field } from './fields.ts';
import { actorAndUser, formOf } from './form-request.ts';

/** The calls about datasets, but for uploads, which are no simple forms. */
export function serveDatasetCalls(wire: FastifyInstance, cluster: Cluster): void {
  const { store } = cluster;
  wire.post('/list-datasets', async (request) => {
    const { user } = actorAndUser(cluster, formOf(request));
    const rows = datasetsOf(store, knownUser(store, user).id);
    const datasets = await shownDatasets(cluster, rows);
    return { error_code: 200, message: datasetTable(datasets) };
  });
  wire.post('/list-datasets-py', async (request) => {
    const { user } = actorAndUser(cluster, formOf(request));
    return datasetsOf(store, knownUser(store, user).id).map(({ name }) => name);
  });
  wire.post('/delete-dataset', async (request) => {
    const form = formOf(request);
    const { actor } = actorAndUser(cluster, form);
    deleteDataset(cluster, { actor, address: request.ip, request: request.id }, field(form, 'datasetname'));
    return { error_code: 200, message: 'Successfully deleted.' };
  });
  wire.post('/download-dataset', async (request, reply) => {
    const form = formOf(request);
    const { actor } = actorAndUser(cluster, form);
    const { stream, size } = await zipStream(cluster, datasetFor(cluster, actor, field(form, 'datasetname')));
    const length = size === undefined ? {} : { 'content-length': size };
    void reply.headers({ 'content-type': 'application/zip', ...length });
    return reply.send(stream);
  });
}
