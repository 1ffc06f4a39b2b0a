import Type from 'typebox';
import type { Dataset, DatasetFile } from '../../api/datasets.ts';
import { contentsOf, datasetFor, shownDataset, shownDatasets, totalsOf } from '../datasets/contents.ts';
import { type DatasetRow, datasetsOf } from '../datasets/dataset-rows.ts';
import { deleteDataset } from '../datasets/delete-dataset.ts';
import { zipStream } from '../datasets/zip.ts';
import { confirmPage } from './confirm-page.ts';
import { atMinute, counted, inBytes, onDay } from './format.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { ownerAsked } from './owner-asked.ts';
import { type PageScope, serveBytes, serveForm, servePage } from './page-scope.ts';
import { dotted, table } from './table.ts';

const ByName = Type.Object({ dataset: Type.String({ maxLength: 200 }) });

/** Files that a page shows; the command line lists them all. */
const FILES_SHOWN = 500;

/** Serves the pages of datasets. */
export function serveDatasetPages(pages: PageScope): void {
  const { cluster } = pages;
  const query = Type.Object({ user: Type.Optional(Type.String({ maxLength: 63 })) });
  servePage(pages, { path: '/datasets', by: 'user', query }, async ({ actor, query: { user } }) => {
    const owner = ownerAsked(cluster, actor, user);
    const datasets = await shownDatasets(cluster, datasetsOf(cluster.store, owner.id));
    return datasetsPage(
      owner.name === actor.name ? 'Datasets' : `Datasets of ${owner.name}`,
      owner.name,
      datasets,
    );
  });
  servePage(pages, { path: '/datasets/:dataset', by: 'user', params: ByName }, async ({ actor, params }) => {
    const dataset = datasetFor(cluster, actor, params.dataset);
    return datasetPage(dataset, await contentsOf(cluster, dataset));
  });
  serveBytes(pages, { path: '/datasets/:dataset/zip', params: ByName }, async ({ actor, params, reply }) => {
    const dataset = datasetFor(cluster, actor, params.dataset);
    const { stream, size } = await zipStream(cluster, dataset);
    if (size !== undefined) void reply.header('content-length', size);
    return reply
      .header('content-disposition', `attachment; filename="${dataset.name}.zip"`)
      .type('application/zip')
      .send(stream);
  });
  const toDelete = { path: '/datasets/:dataset/delete', by: 'user', params: ByName } as const;
  servePage(pages, toDelete, async ({ actor, params }) => {
    const dataset = datasetFor(cluster, actor, params.dataset);
    const { name, files, size } = await shownDataset(cluster, dataset);
    return confirmPage({
      title: `Delete ${name}?`,
      consequence: `Its files are gone for good then: ${counted(files)}, ${inBytes(size)}.`,
      action: `/datasets/${name}/delete`,
      label: 'Delete it',
      back: `/datasets/${name}`,
    });
  });
  const fields = Type.Object({ csrf: Type.String() });
  serveForm(pages, { ...toDelete, fields }, (asked) => {
    const { actor, params, request } = asked;
    deleteDataset(cluster, { actor, address: request.ip, request: request.id }, params.dataset);
    return { goTo: '/datasets' };
  });
}

function datasetsPage(title: string, owner: string, datasets: readonly Dataset[]): Page {
  if (datasets.length === 0) {
    const main = html`<div class="card empty"><p>No datasets yet. Upload files or a directory:</p>
<p><code>maestro castor upload -d user.${owner}.data -p data/</code></p></div>`;
    return { title, main };
  }
  return {
    title,
    isLive: true,
    main: table(
      [
        { header: 'Dataset', kind: 'name' },
        { header: 'Content', kind: 'nowrap' },
        { header: 'Files', kind: 'number' },
        { header: 'Size', kind: 'number' },
        { header: 'Since', kind: 'nowrap' },
      ],
      datasets.map(({ name, kind, files, size, createdAt }) => [
        html`<a href="/datasets/${name}">${dotted(name)}</a>`,
        kind === 'files' ? 'files' : 'outputs of a task',
        counted(files),
        inBytes(size),
        onDay(createdAt),
      ]),
    ),
  };
}

function datasetPage({ name, kind, createdAt }: DatasetRow, contents: readonly DatasetFile[]): Page {
  const { files, size } = totalsOf(contents);
  const shown = contents.slice(0, FILES_SHOWN);
  return {
    title: name,
    main: html`<div class="card row apart">
<span>${kind === 'outputs' ? html`Outputs of the task <a href="/tasks/${name}">${name}</a>` : 'Uploaded files'}: ${counted(files)}, ${inBytes(size)}, since ${atMinute(createdAt)}</span>
<div class="row"><a href="/datasets/${name}/zip" download>Download as zip</a>
${kind === 'files' && html`<a class="button danger" href="/datasets/${name}/delete">Delete</a>`}</div></div>
<h2>Files</h2>
${files === 0 ? html`<div class="card empty">There are none.</div>` : fileTable(shown)}
${files > shown.length && html`<p class="faint">The first ${counted(shown.length)} of ${counted(files)}; all of them: <code>maestro castor show ${name}</code></p>`}`,
  };
}

function fileTable(files: readonly DatasetFile[]): Html {
  return table(
    [
      { header: 'Path', kind: 'name' },
      { header: 'Size', kind: 'number' },
      { header: 'SHA-256' },
      { header: 'Written', kind: 'nowrap' },
    ],
    files.map(({ path, size, sha256, uploadedAt, rotten }) => [
      html`${path} ${rotten && html`<span class="pill bad">lost</span>`}`,
      inBytes(size),
      sha256 === null ? '–' : html`<code title="${sha256}">${sha256.slice(0, 12)}…</code>`,
      atMinute(uploadedAt),
    ]),
  );
}
