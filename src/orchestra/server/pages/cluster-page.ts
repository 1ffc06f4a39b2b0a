import { statfsSync } from 'node:fs';
import { freemem, loadavg, totalmem } from 'node:os';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';
import { allUsers } from '../users/user.ts';
import { counted, forLong, inBytes, onDay } from './format.ts';
import { type Html, html } from './html.ts';
import type { Forms, Page } from './layout.ts';
import { type PageScope, servePage } from './page-scope.ts';
import { stateButton } from './user-pages.ts';

/** Serves what administrators look at first: who waits to be let in, the queues, the nodes, the server. */
export function serveClusterPage(pages: PageScope): void {
  const { cluster } = pages;
  const startedAt = cluster.clock.now();
  servePage(
    pages,
    { path: '/admin', by: 'admin' },
    (): Page => ({
      title: 'Cluster',
      isLive: true,
      main: (forms) =>
        html`${waiting(cluster, forms)}${queues(cluster)}${nodes(cluster)}${server(cluster, startedAt)}`,
    }),
  );
}

function waiting({ store }: Cluster, forms: Forms): Html {
  const users = allUsers(store).filter(({ state }) => state === 'registered');
  if (users.length === 0) return html``;
  return html`<div class="table"><table><caption>Waiting to be activated</caption>
<thead><tr><th scope="col">Username</th><th scope="col">E-mail</th><th scope="col">Registered</th><th scope="col"><span class="unseen">Activate</span></th></tr></thead>
<tbody>${users.map(
    (
      user,
    ) => html`<tr><th scope="row"><a href="/admin/users/${user.name}">${user.name}</a></th><td>${user.email}</td><td class="nowrap">${onDay(user.createdAt)}</td>
<td class="number">${stateButton(forms, user, '/admin')}</td></tr>`,
  )}</tbody></table></div>`;
}

interface Load {
  readonly at: string;
  readonly waiting: number;
  readonly running: number;
}

/** Open jobs by queue or by node. */
function loads({ store }: Cluster, by: 'task.queue' | 'job.node'): Map<string, Load> {
  const rows = statement<Load>(
    store,
    `SELECT ${by} AS at, count(*) FILTER (WHERE job.state IN ('registered', 'assigned')) AS waiting,
      count(*) FILTER (WHERE job.state IN ('testing', 'running', 'kill')) AS running
    FROM job JOIN task ON task.id = job.task
    WHERE job.state IN ('registered', 'assigned', 'testing', 'running', 'kill') AND ${by} IS NOT NULL GROUP BY ${by} ORDER BY ${by}`,
  ).all();
  return new Map(rows.map((row) => [row.at, row]));
}

function queues(cluster: Cluster): Html {
  const load = loads(cluster, 'task.queue');
  return html`<h2>Queues</h2>
<div class="table"><table>
<thead><tr><th scope="col">Queue</th><th scope="col">Runs on</th><th scope="col">Containers</th><th scope="col" class="number">Slots</th><th scope="col" class="number">Running</th><th scope="col" class="number">Waiting</th><th scope="col">For</th></tr></thead>
<tbody>${cluster.config.queues.map(({ name, slots, batch, runtime = 'auto', open = true }) => {
    const { running = 0, waiting = 0 } = load.get(name) ?? {};
    return html`<tr><th scope="row">${name}</th><td>${typeof batch?.type === 'string' ? batch.type : 'this machine'}</td><td>${runtime}</td><td class="number">${counted(slots)}</td>
<td class="number">${counted(running)}</td><td class="number">${counted(waiting)}</td><td>${open ? 'everybody' : 'who was given it'}</td></tr>`;
  })}</tbody></table></div>`;
}

function nodes(cluster: Cluster): Html {
  const load = [...loads(cluster, 'job.node').values()];
  if (load.length === 0) return html``;
  return html`<h2>Nodes at work</h2>
<div class="table"><table><thead><tr><th scope="col">Node</th><th scope="col" class="number">Running jobs</th></tr></thead>
<tbody>${load.map(({ at, running }) => html`<tr><th scope="row">${at}</th><td class="number">${counted(running)}</td></tr>`)}</tbody></table></div>`;
}

function server({ directory, config, clock }: Cluster, startedAt: number): Html {
  const { bavail, bsize } = statfsSync(directory.root);
  const free = bavail * bsize;
  const isShort = free < config.limits.freeMiB * 1024 * 1024;
  const tile = (value: string, what: string): Html =>
    html`<div class="tile"><b>${value}</b><span>${what}</span></div>`;
  return html`<h2>This server</h2>
${isShort && html`<p class="notice bad" role="alert">The disk is almost full: uploads and jobs wait until there is room.</p>`}
<div class="tiles">${tile(inBytes(free), 'free on the disk')}${tile(`${inBytes(freemem())} of ${inBytes(totalmem())}`, 'memory free')}
${tile(loadavg()[0]!.toFixed(2), 'load of the last minute')}${tile(forLong(clock.now() - startedAt), 'since the start')}</div>`;
}
