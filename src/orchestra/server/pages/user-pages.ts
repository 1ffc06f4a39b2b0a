import Type from 'typebox';
import type { User } from '../../api/users.ts';
import { Refusal } from '../../refusal.ts';
import { originOf } from '../operation/audited.ts';
import { changeUser, type UserChange } from '../users/change-user.ts';
import { allUsers, knownUser, shownUser } from '../users/user.ts';
import { onDay } from './format.ts';
import { type Html, html } from './html.ts';
import type { Forms, Page } from './layout.ts';
import { type PageScope, sentence, serveForm, servePage } from './page-scope.ts';
import { table } from './table.ts';

const BYTES_IN_MIB = 1024 * 1024;
const ByName = Type.Object({ user: Type.String({ maxLength: 63 }) });
const Amount = Type.String({ pattern: '^\\d{0,9}$' });
const Queue = Type.String({ maxLength: 63 });

/** Serves what administrators see and change of users. */
export function serveUserPages(pages: PageScope): void {
  const { cluster } = pages;
  const shown = (name: string): User => shownUser(cluster.store, knownUser(cluster.store, name));
  servePage(pages, { path: '/admin/users', by: 'admin' }, () => usersPage(pages));
  servePage(pages, { path: '/admin/users/:user', by: 'admin', params: ByName }, ({ params }) =>
    userPage(pages, shown(params.user)),
  );
  const state = Type.Enum(['active', 'inactive']);
  serveForm(
    pages,
    {
      path: '/admin/users/:user/state',
      by: 'admin',
      params: ByName,
      fields: Type.Object({
        csrf: Type.String(),
        state,
        back: Type.Optional(Type.Enum(['/admin', '/admin/users'])),
      }),
    },
    ({ actor, params: { user }, body, request }) => {
      changeUser(cluster, originOf(actor, request), user, { state: body.state });
      return { goTo: body.back ?? `/admin/users/${user}` };
    },
  );
  const fields = Type.Object({
    csrf: Type.String(),
    role: Type.Enum(['user', 'admin']),
    maxPriority: Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,6})?$' }),
    storageMiB: Amount,
    jobs: Amount,
    // A browser sends one, several, or nothing of what can be ticked.
    queues: Type.Optional(Type.Union([Queue, Type.Array(Queue, { maxItems: 100 })])),
  });
  serveForm(pages, { path: '/admin/users/:user', by: 'admin', params: ByName, fields }, (asked) => {
    const { actor, params, body, request } = asked;
    const change: UserChange = {
      role: body.role,
      maxPriority: Number(body.maxPriority),
      storageQuota: body.storageMiB === '' ? null : Number(body.storageMiB) * BYTES_IN_MIB,
      jobQuota: body.jobs === '' ? null : Number(body.jobs),
      queues: [body.queues ?? []].flat(),
    };
    try {
      return userPage(
        pages,
        shownUser(cluster.store, changeUser(cluster, originOf(actor, request), params.user, change).user),
        {
          isChanged: true,
        },
      );
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'not-found') throw error;
      return userPage(pages, shown(params.user), { refusal: error });
    }
  });
}

/** A user's state as a mark. */
function statePill(state: User['state']): Html {
  const kinds = { registered: 'warn', active: 'good', inactive: '' };
  const words = { registered: 'waits', active: 'active', inactive: 'deactivated' };
  return html`<span class="pill ${kinds[state]}">${words[state]}</span>`;
}

/** The button that lets a user in, or locks it out. */
export function stateButton(
  forms: Forms,
  { name, state }: Pick<User, 'name' | 'state'>,
  back?: string,
): Html {
  const isActive = state === 'active';
  return forms.button(`/admin/users/${name}/state`, isActive ? 'Deactivate' : 'Activate', {
    about: name,
    kind: isActive ? 'danger' : 'main',
    fields: { state: isActive ? 'inactive' : 'active', ...(back === undefined ? {} : { back }) },
  });
}

function usersPage({ cluster: { store } }: PageScope): Page {
  const users = allUsers(store).map((user) => shownUser(store, user));
  return {
    title: 'Users',
    main: (forms) =>
      table(
        [
          { header: 'Username' },
          { header: 'State' },
          { header: 'Role' },
          { header: 'E-mail', kind: 'name' },
          { header: 'Queues' },
          { header: 'Since', kind: 'nowrap' },
          { header: 'Change', isUnseen: true, kind: 'button' },
        ],
        users.map((user) => [
          html`<a href="/admin/users/${user.name}">${user.name}</a>`,
          statePill(user.state),
          user.role === 'admin' ? 'administrator' : 'user',
          user.email || '–',
          user.queues.join(', ') || html`<span class="faint">open ones</span>`,
          onDay(user.createdAt),
          stateButton(forms, user, '/admin/users'),
        ]),
      ),
  };
}

interface Said {
  readonly isChanged?: boolean;
  readonly refusal?: Refusal;
}

function userPage({ cluster: { config } }: PageScope, user: User, { isChanged, refusal }: Said = {}): Page {
  const { name, state, role, email, maxPriority, queues, storageQuota, jobQuota, createdAt } = user;
  const choice = (queue: string): Html =>
    html`<label class="choice"><input type="checkbox" name="queues" value="${queue}" ${queues.includes(queue) && html`checked`}> ${queue}</label>`;
  const option = (value: string, text: string): Html =>
    html`<option value="${value}" ${value === role && html`selected`}>${text}</option>`;
  return {
    title: name,
    status: refusal?.status ?? 200,
    main: (forms) => html`
${isChanged === true && html`<p class="notice good" role="status">Saved.</p>`}
${refusal !== undefined && html`<p class="notice bad" role="alert">${sentence(refusal.message)} ${refusal.mend !== undefined && sentence(refusal.mend)}</p>`}
<div class="card row apart"><div class="row">${statePill(state)} <span class="faint">${email === '' ? 'no e-mail' : email}, since ${onDay(createdAt)}</span></div>
<div class="row"><a href="/tasks?user=${name}">Tasks</a> <a href="/datasets?user=${name}">Datasets</a> ${stateButton(forms, user)}</div></div>
${state === 'active' && html`<p class="small faint">Whoever is deactivated is logged out everywhere, and tasks that have not ended are killed. Datasets and outputs stay.</p>`}
<h2>What ${name} may do</h2>
<div class="card">${forms.form(
      `/admin/users/${name}`,
      html`<div class="grid">
<div class="field"><label for="role">Role</label><select id="role" name="role">${option('user', 'user')}${option('admin', 'administrator')}</select></div>
<div class="field"><label for="maxPriority">Maximum priority</label><input type="number" id="maxPriority" name="maxPriority" value="${maxPriority}" min="0" max="999999999" step="any" required></div>
<div class="field"><label for="storageMiB">Storage in MiB</label><input type="number" id="storageMiB" name="storageMiB" value="${storageQuota === null ? '' : Math.floor(storageQuota / BYTES_IN_MIB)}" min="0" max="999999999" aria-describedby="no-bound"></div>
<div class="field"><label for="jobs">Jobs at a time</label><input type="number" id="jobs" name="jobs" value="${jobQuota ?? ''}" min="0" max="999999999" aria-describedby="no-bound"></div>
</div>
<p class="small faint" id="no-bound">An empty field is no bound.</p>
<fieldset><legend>Queues</legend>${config.queues.map((queue) => choice(queue.name))}
<p class="small faint">If none is ticked: all that are open.</p></fieldset>
<button>Save</button>`,
      `What ${name} may do`,
    )}</div>`,
  };
}
