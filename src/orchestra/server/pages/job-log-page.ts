import Type from 'typebox';
import { jobName } from '../../job-name.ts';
import { jobsOf } from '../tasks/board.ts';
import { endOfJobLog } from '../tasks/job-log.ts';
import { knownTask } from '../tasks/task-row.ts';
import { inBytes } from './format.ts';
import { html } from './html.ts';
import { type PageScope, servePage } from './page-scope.ts';
import { jobPill } from './task-marks.ts';

const ByJob = Type.Object({
  task: Type.String({ maxLength: 200 }),
  number: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});

/** Of a long log the end is shown, in bytes: what went wrong stands there. */
const BYTES_SHOWN = 256 * 1024;

/** Serves the logs of jobs. */
export function serveJobLogPage(pages: PageScope): void {
  const { cluster } = pages;
  const path = '/tasks/:task/jobs/:number/log';
  servePage(pages, { path, by: 'user', params: ByJob }, async ({ actor, params: { task: name, number } }) => {
    const task = knownTask(cluster.store, actor, name);
    const { bytes, offset, isLast } = await endOfJobLog(cluster, task, number, BYTES_SHOWN);
    const [job] = jobsOf(cluster.store, task.id, { from: number, limit: 1 });
    const text = new TextDecoder().decode(bytes);
    return {
      title: jobName(number),
      isLive: !isLast,
      main: html`<p class="row">${job !== undefined && jobPill(job.state)} <span>of <a href="/tasks/${name}">${name}</a></span></p>
${offset > 0 && html`<p class="faint">The first ${inBytes(offset)} are left out; all of it: <code>maestro task logs ${name} ${number}</code></p>`}
${text === '' ? html`<div class="card empty">Nothing is written yet.</div>` : html`<pre tabindex="0" aria-label="Log">${text}</pre>`}`,
    };
  });
}
