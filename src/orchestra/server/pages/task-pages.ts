import Type from 'typebox';
import { JOB_STATES, type Job, type JobState, type Task, type TaskDetails } from '../../api/tasks.ts';
import { originOf } from '../operation/audited.ts';
import { jobsOf, taskDetails, tasksOf } from '../tasks/board.ts';
import type { Orderer, TaskOrders } from '../tasks/task-orders.ts';
import { knownTask } from '../tasks/task-row.ts';
import { hasEnded, isKillable, TASK_TRANSITIONS } from '../tasks/task-states.ts';
import { confirmPage } from './confirm-page.ts';
import { atMinute, counted, forLong } from './format.ts';
import { type Html, html } from './html.ts';
import type { Forms, Page } from './layout.ts';
import { ownerAsked } from './owner-asked.ts';
import { type PageScope, serveForm, servePage } from './page-scope.ts';
import { dotted, table } from './table.ts';
import { jobBar, jobPill, jobWords, sum, taskPill } from './task-marks.ts';

const ByName = Type.Object({ task: Type.String({ maxLength: 200 }) });
const ByUser = Type.Object({ user: Type.Optional(Type.String({ maxLength: 63 })) });
const Some = Type.Object({
  state: Type.Optional(Type.Enum([...JOB_STATES])),
  from: Type.Optional(Type.Integer({ minimum: 0 })),
});

/** Jobs of a page; the next page has the next ones. */
const JOBS_SHOWN = 100;

/** Serves the pages of tasks, and what is ordered there: kill, retry, delete. */
export function serveTaskPages(pages: PageScope, orders: TaskOrders): void {
  const { cluster } = pages;
  const { store, clock } = cluster;
  servePage(pages, { path: '/tasks', by: 'user', query: ByUser }, ({ actor, query: { user } }) => {
    const owner = ownerAsked(cluster, actor, user);
    const title = owner.name === actor.name ? 'Tasks' : `Tasks of ${owner.name}`;
    return tasksPage(title, owner.name, tasksOf(store, owner.id).reverse());
  });
  servePage(
    pages,
    { path: '/tasks/:task', by: 'user', params: ByName, query: Some },
    ({ actor, params, query }) => {
      const row = knownTask(store, actor, params.task);
      const { state, from = 0 } = query;
      const jobs = jobsOf(store, row.id, {
        from,
        limit: JOBS_SHOWN + 1,
        ...(state === undefined ? {} : { state }),
      });
      return taskPage(taskDetails(store, row), jobs, { from, state, now: clock.now() });
    },
  );
  serveOrders(pages, orders);
}

/** What cannot be taken back asks once more. */
function serveOrders(pages: PageScope, orders: TaskOrders): void {
  const { store } = pages.cluster;
  const fields = Type.Object({ csrf: Type.String() });
  const order = (
    verb: string,
    goTo: (task: string) => string,
    carryOut: (by: Orderer, task: string) => void,
  ): void =>
    serveForm(
      pages,
      { path: `/tasks/:task/${verb}`, by: 'user', params: ByName, fields },
      ({ actor, params: { task }, request }) => {
        carryOut({ actor, origin: originOf(actor, request) }, task);
        return { goTo: goTo(task) };
      },
    );
  const ask = (verb: 'Kill' | 'Delete', consequence: string): void =>
    servePage(
      pages,
      { path: `/tasks/:task/${verb.toLowerCase()}`, by: 'user', params: ByName },
      ({ actor, params }) => {
        const { name } = knownTask(store, actor, params.task);
        return confirmPage({
          title: `${verb} ${name}?`,
          consequence,
          action: `/tasks/${name}/${verb.toLowerCase()}`,
          label: `${verb} it`,
          back: `/tasks/${name}`,
        });
      },
    );
  ask(
    'Kill',
    'Its jobs that run are ended, and none of those that wait is started. A retry starts all over.',
  );
  ask('Delete', 'The task and all its outputs are gone for good then.');
  order('kill', (task) => `/tasks/${task}`, orders.kill);
  order('retry', (task) => `/tasks/${task}`, orders.retry);
  order('delete', () => '/tasks', orders.delete);
}

function tasksPage(title: string, owner: string, tasks: readonly Task[]): Page {
  if (tasks.length === 0) {
    const main = html`<div class="card empty"><p>No tasks yet. <code>maestro task create --help</code> shows how to make one
of the <a href="/datasets?user=${owner}">datasets</a> that are there.</p></div>`;
    return { title, main };
  }
  return {
    title,
    isLive: true,
    main: table(
      [
        { header: 'Task', kind: 'name' },
        { header: 'Queue', kind: 'nowrap' },
        { header: 'State' },
        { header: 'Jobs' },
        { header: 'Made', kind: 'nowrap' },
      ],
      tasks.map(({ name, queue, state, jobs, createdAt }) => [
        html`<a href="/tasks/${name}">${dotted(name)}</a>`,
        queue,
        taskPill(state),
        html`${jobBar(jobs)}<span class="small faint">${jobWords(jobs)}</span>`,
        atMinute(createdAt),
      ]),
    ),
  };
}

interface Shown {
  readonly from: number;
  readonly state: JobState | undefined;
  readonly now: number;
}

function taskPage(task: TaskDetails, jobs: readonly Job[], shown: Shown): Page {
  const { name, queue, image, exec, dataFile, configFile, secondary, createdAt, stateAt, reason } = task;
  const dataset = (dataset: string): Html => html`<a href="/datasets/${dataset}">${dataset}</a>`;
  return {
    title: name,
    isLive: true,
    main: (forms) => html`
<div class="card"><div class="row apart"><div class="row">${taskPill(task.state)} <span class="faint">since ${atMinute(stateAt)}</span></div>
<div class="row"><a href="/datasets/${name}">Outputs</a> ${buttons(task, forms)}</div></div>
${reason !== '' && html`<p>${reason}</p>`}
<p>${jobBar(task.jobs)}</p><p class="faint">${jobWords(task.jobs)}</p></div>
<h2>What it runs</h2>
<div class="card"><dl class="facts">
<dt>Queue</dt><dd>${queue}</dd><dt>Image</dt><dd>${image}</dd><dt>Command</dt><dd><code>${exec}</code></dd>
<dt>Data</dt><dd>${dataset(dataFile)}</dd><dt>Configurations</dt><dd>${dataset(configFile)}</dd>
${Object.entries(secondary).map(([key, of]) => html`<dt>${key}</dt><dd>${dataset(of)}</dd>`)}
<dt>Made</dt><dd>${atMinute(createdAt)}</dd></dl></div>
<h2 id="jobs">Jobs</h2>
${choices(task, shown)}
${jobTable(task, jobs.slice(0, JOBS_SHOWN), shown.now)}
${jobs.length > JOBS_SHOWN && html`<p><a href="${addressOf(task, shown.state, jobs[JOBS_SHOWN]!.number)}">The next jobs</a></p>`}`,
  };
}

function buttons({ name, state }: TaskDetails, forms: Forms): Html {
  const path = `/tasks/${name}`;
  const mayRetry =
    hasEnded(state) && TASK_TRANSITIONS[state].some((next) => next === 'registered' || next === 'running');
  return html`
${isKillable(state) && html`<a class="button danger" href="${path}/kill">Kill</a>`}
${mayRetry && forms.button(`${path}/retry`, 'Retry', { about: name })}
${hasEnded(state) && html`<a class="button danger" href="${path}/delete">Delete</a>`}`;
}

function choices(task: TaskDetails, { state }: Shown): Html {
  const link = (to: JobState | undefined, text: string): Html =>
    html`<li><a href="${addressOf(task, to, 0)}" ${to === state && html`aria-current="page"`}>${text}</a></li>`;
  const states = JOB_STATES.filter((name) => task.jobs[name] > 0);
  if (states.length < 2) return html``;
  return html`<nav aria-label="Jobs by state"><ul>${link(undefined, `all ${counted(sum(task.jobs))}`)}
${states.map((name) => link(name, `${counted(task.jobs[name])} ${name}`))}</ul></nav>`;
}

function addressOf({ name }: TaskDetails, state: JobState | undefined, from: number): string {
  const query = new URLSearchParams({
    ...(state === undefined ? {} : { state }),
    ...(from === 0 ? {} : { from: String(from) }),
  });
  return `/tasks/${name}${query.size > 0 ? `?${query}` : ''}#jobs`;
}

function jobTable({ name: task }: TaskDetails, jobs: readonly Job[], now: number): Html {
  if (jobs.length === 0) return html`<div class="card empty">There are none.</div>`;
  return table(
    [
      { header: 'Job', kind: 'nowrap' },
      { header: 'State' },
      { header: 'Configuration', kind: 'name' },
      { header: 'Node' },
      { header: 'Ran', kind: 'number' },
      { header: 'Log' },
    ],
    jobs.map(({ name, number, state, input, node, startedAt, endedAt }) => [
      name,
      jobPill(state),
      input === '' ? '–' : input,
      node ?? '–',
      startedAt === null ? '–' : forLong((endedAt ?? now) - startedAt),
      html`<a href="/tasks/${task}/jobs/${number}/log">log<span class="unseen"> of ${name}</span></a>`,
    ]),
  );
}
