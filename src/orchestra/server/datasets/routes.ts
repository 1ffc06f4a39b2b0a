import type { FastifyInstance } from 'fastify';
import {
  deleteDataset as deleteRoute,
  downloadZip,
  listDatasets,
  readDatasetFile,
  showDataset,
  verifyDataset as verifyRoute,
} from '../../api/datasets.ts';
import type { Cluster } from '../cluster.ts';
import { serveRoute } from '../http/serve-route.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { knownUser } from '../users/user.ts';
import { askerOf } from './asker.ts';
import { contentsOf, datasetFor, openFile, shownDatasets, totalsOf } from './contents.ts';
import { datasetsOf } from './dataset-rows.ts';
import { deleteDataset } from './delete-dataset.ts';
import { answerFile } from './serve-file.ts';
import { serveUploadRoutes } from './upload-routes.ts';
import { verifyDataset } from './verify-dataset.ts';
import { zipStream } from './zip.ts';

/** Serves the routes of src/orchestra/api/datasets.ts. */
export function serveDatasetRoutes(app: FastifyInstance, cluster: Cluster): void {
  serveUploadRoutes(app, cluster);
  serveRoute(app, listDatasets, async ({ actor, query: { user = actor.name } }) => {
    mayActFor(actor, user);
    const datasets = datasetsOf(cluster.store, knownUser(cluster.store, user).id);
    return await shownDatasets(cluster, datasets);
  });
  serveRoute(app, showDataset, async ({ actor, params }) => {
    const dataset = datasetFor(cluster, actor, params.dataset);
    const contents = await contentsOf(cluster, dataset);
    const { name, owner, kind, createdAt } = dataset;
    return { name, owner, kind, createdAt, ...totalsOf(contents), contents };
  });
  serveRoute(app, deleteRoute, (question) => {
    deleteDataset(cluster, askerOf(question), question.params.dataset);
    return undefined;
  });
  serveRoute(app, verifyRoute, async ({ actor, params, query: { after = '' } }) =>
    verifyDataset(cluster, datasetFor(cluster, actor, params.dataset), after),
  );
  serveDownloads(app, cluster);
}

function serveDownloads(app: FastifyInstance, cluster: Cluster): void {
  serveRoute(app, downloadZip, async ({ actor, params, reply }) => {
    const dataset = datasetFor(cluster, actor, params.dataset);
    const { stream, size } = await zipStream(cluster, dataset);
    void reply.headers({
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${dataset.name}.zip"`,
    });
    if (size !== undefined) void reply.header('content-length', size);
    // The framework sends it; what a route of bytes answers is not described.
    return reply.send(stream) as unknown as undefined;
  });
  serveRoute(app, readDatasetFile, async ({ actor, params, query, request, reply }) => {
    const file = await openFile(cluster, datasetFor(cluster, actor, params.dataset), query.path);
    return (await answerFile(request, reply, file)) as unknown as undefined;
  });
}
