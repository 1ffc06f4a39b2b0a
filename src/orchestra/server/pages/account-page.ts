import Type from 'typebox';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import { audited, originOf } from '../operation/audited.ts';
import { setPassword } from '../users/change-user.ts';
import { checkPassword } from '../users/log-in.ts';
import { usableQueues } from '../users/queues.ts';
import { revokeAllTokens } from '../users/tokens.ts';
import { knownUser } from '../users/user.ts';
import { inBytes, onDay } from './format.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type PageScope, sentence, serveForm, servePage } from './page-scope.ts';
import { dropSession } from './session.ts';

/** Serves what a user sees and changes of its own account. */
export function serveAccountPage(pages: PageScope): void {
  const { cluster } = pages;
  servePage(pages, { path: '/account', by: 'user' }, ({ actor }) => accountPage(pages, actor));
  const password = Type.String({ maxLength: 1_024 });
  const fields = Type.Object({ csrf: Type.String(), current: password, password, again: password });
  serveForm(
    pages,
    { path: '/account/password', by: 'user', fields },
    async ({ actor, body, request, reply }) => {
      try {
        if (body.password !== body.again)
          throw new Refusal('bad-request', 'the two passwords are not the same');
        const from = { address: request.ip, request: request.id };
        await checkPassword(cluster, { name: actor.name, password: body.current, ...from });
        await setPassword(cluster, originOf(actor, request), actor.name, body.password);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return accountPage(pages, actor, error);
      }
      dropSession(cluster, request, reply);
      return { goTo: '/login' };
    },
  );
  const nothing = Type.Object({ csrf: Type.String() });
  serveForm(pages, { path: '/account/revoke', by: 'user', fields: nothing }, ({ actor, request, reply }) => {
    audited(cluster, originOf(actor, request), { action: 'user.revoke-all', subject: actor.name }, () =>
      revokeAllTokens(cluster.store, actor.id),
    );
    dropSession(cluster, request, reply);
    return { goTo: '/login' };
  });
}

function accountPage({ cluster }: PageScope, actor: Actor, refusal?: Refusal): Page {
  const { store, config } = cluster;
  const { email, role, maxPriority, storageQuota, jobQuota, createdAt } = knownUser(store, actor.name);
  return {
    title: actor.name,
    status: refusal?.status ?? 200,
    main: (forms) => html`
<div class="card"><dl class="facts">
<dt>Role</dt><dd>${role === 'admin' ? 'administrator' : 'user'}</dd>
<dt>E-mail</dt><dd>${email === '' ? '–' : email}</dd>
<dt>Queues</dt><dd>${usableQueues(store, config, actor.id).join(', ') || 'none'}</dd>
<dt>Maximum priority</dt><dd>${maxPriority}</dd>
<dt>Storage</dt><dd>${storageQuota === null ? 'as much as there is' : `at most ${inBytes(storageQuota)}`}</dd>
<dt>Jobs at a time</dt><dd>${jobQuota === null ? 'as many as you like' : `at most ${jobQuota}`}</dd>
<dt>Since</dt><dd>${onDay(createdAt)}</dd>
</dl></div>
<h2 id="change">Change the password</h2>
${refusal !== undefined && html`<p class="notice bad" role="alert">${sentence(refusal.message)} ${refusal.mend !== undefined && sentence(refusal.mend)}</p>`}
<div class="card">${forms.form(
      '/account/password',
      html`<input type="text" name="username" value="${actor.name}" autocomplete="username" hidden>
<div class="grid">
<div class="field"><label for="current">Password now</label><input type="password" id="current" name="current" autocomplete="current-password" required></div>
<div class="field"><label for="password">New password</label><input type="password" id="password" name="password" autocomplete="new-password" required minlength="8"></div>
<div class="field"><label for="again">New password, once more</label><input type="password" id="again" name="again" autocomplete="new-password" required minlength="8"></div>
</div>
<p class="small faint">You are logged out everywhere, and all tokens of <code>maestro authenticate</code> end.</p>
<button>Change the password</button>`,
      'Change the password',
    )}</div>
<h2>Log out everywhere</h2>
<div class="card"><p>Ends all your sessions in browsers, and all tokens of <code>maestro authenticate</code>.</p>
${forms.button('/account/revoke', 'Log out everywhere', { kind: 'danger' })}</div>`,
  };
}
