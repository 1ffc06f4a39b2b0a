import { statfsSync } from 'node:fs';
import { freemem, loadavg, totalmem } from 'node:os';
import type { Cluster } from '../cluster.ts';
import type { QueueWatch } from '../operation/queue-watch.ts';
import { statement } from '../state/statement.ts';
import { allUsers } from '../users/user.ts';
import { counted, forLong, inBytes, onDay } from './format.ts';
import { type Html, html } from './html.ts';
import type { Forms, Page } from './layout.ts';
import { type PageScope, servePage } from './page-scope.ts';
import { table } from './table.ts';
import { stateButton } from './user-pages.ts';

/** Serves what administrators look at first: who waits to be let in, the queues, the nodes, the server. */
export function serveClusterPage(pages: PageScope, watch: QueueWatch): void {
  const { cluster } = pages;
  const startedAt = cluster.clock.now();
  servePage(
    pages,
    { path: '/admin', by: 'admin' },
    (): Page => ({
      title: 'Cluster',
      isLive: true,
      main: (forms) =>
        html`${waiting(cluster, forms)}${queues(cluster, watch)}${nodes(cluster)}${server(cluster, startedAt)}`,
    }),
  );
}

function waiting({ store }: Cluster, forms: Forms): Html {
  const users = allUsers(store).filter(({ state }) => state === 'registered');
  if (users.length === 0) return html``;
  return table(
    [
      { header: 'Username' },
      { header: 'E-mail', kind: 'name' },
      { header: 'Registered', kind: 'nowrap' },
      { header: 'Activate', isUnseen: true, kind: 'button' },
    ],
    users.map((user) => [
      html`<a href="/admin/users/${user.name}">${user.name}</a>`,
      user.email || '–',
      onDay(user.createdAt),
      stateButton(forms, user, '/admin'),
    ]),
    'Waiting to be activated',
  );
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

function queues(cluster: Cluster, watch: QueueWatch): Html {
  const troubles = watch.troubles();
  const load = loads(cluster, 'task.queue');
  const rows = cluster.config.queues.map(({ name, slots, batch, runtime = 'auto', open = true }) => {
    const { running = 0, waiting = 0 } = load.get(name) ?? {};
    return [
      name,
      healthOf(troubles.get(name)),
      typeof batch?.type === 'string' ? batch.type : 'this machine',
      runtime,
      counted(slots),
      counted(running),
      counted(waiting),
      open ? 'everybody' : 'who was given it',
    ];
  });
  return html`<h2>Queues</h2>
${table(
  [
    { header: 'Queue' },
    { header: 'Health' },
    { header: 'Runs on' },
    { header: 'Containers' },
    { header: 'Slots', kind: 'number' },
    { header: 'Running', kind: 'number' },
    { header: 'Waiting', kind: 'number' },
    { header: 'For' },
  ],
  rows,
)}`;
}

function healthOf(trouble: string | undefined): Html {
  return trouble === undefined
    ? html`<span class="pill good">healthy</span>`
    : html`<span class="pill bad">ill</span> <span class="small">${trouble}</span>`;
}

function nodes(cluster: Cluster): Html {
  const load = [...loads(cluster, 'job.node').values()];
  if (load.length === 0) return html``;
  const columns = [{ header: 'Node' }, { header: 'Running jobs', kind: 'number' }] as const;
  const rows = load.map(({ at, running }) => [at, counted(running)]);
  return html`<h2>Nodes at work</h2>${table(columns, rows)}`;
}

function server({ directory, config, clock }: Cluster, startedAt: number): Html {
  const { bavail, bsize } = statfsSync(directory.root);
  const free = bavail * bsize;
  const isShort = free < config.limits.freeMiB * 1024 * 1024;
  const tile = (value: string, what: string): Html =>
    html`<div class="tile"><b>${value}</b><span>${what}</span></div>`;
  return html`<h2>This server</h2>
${isShort && html`<p class="notice bad" role="alert">The disk is almost full: uploads and jobs wait until there is room.</p>`}
<div class="tiles">${tile(inBytes(free), 'free on the disk')}${tile(inBytes(freemem()), `free of ${inBytes(totalmem())} memory`)}
${tile(loadavg()[0]!.toFixed(2), 'load of the last minute')}${tile(forLong(clock.now() - startedAt), 'since the start')}</div>`;
}
