import Type from 'typebox';
import { Refusal } from '../../refusal.ts';
import { audited, originOf } from '../operation/audited.ts';
import { logIn } from '../users/log-in.ts';
import { revokeToken } from '../users/tokens.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type PageScope, sentence, serveForm, servePage } from './page-scope.ts';
import { dropSession, keepSession, SESSION_MS } from './session.ts';

/** The first page of whoever has logged in. */
const HOME = '/tasks';

const Next = Type.Optional(Type.String({ maxLength: 2_000 }));

/** Serves logging in and out. */
export function serveLogInPages(pages: PageScope): void {
  const { cluster } = pages;
  servePage(pages, { path: '/', by: 'user' }, () => ({ goTo: HOME }));
  servePage(pages, { path: '/login', by: 'anybody', query: Type.Object({ next: Next }) }, ({ query }) =>
    logInPage(query),
  );
  serveForm(
    pages,
    {
      path: '/login',
      by: 'anybody',
      fields: Type.Object({
        csrf: Type.Optional(Type.String({ maxLength: 100 })),
        username: Type.String({ maxLength: 63 }),
        password: Type.String({ maxLength: 1_024 }),
        next: Next,
      }),
    },
    async ({ body: { username, password, next }, request, reply, visit }) => {
      const from = { address: request.ip, request: request.id };
      try {
        const asked = { name: username, password, kind: 'page', lifetimeMs: SESSION_MS, ...from } as const;
        const { token } = await logIn(cluster, asked);
        // Whatever session there was must not go on beside the new one.
        if (visit.kind === 'session') revokeToken(cluster.store, visit.secret);
        keepSession(cluster, request, reply, token);
        return { goTo: pathHere(next) ?? HOME };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return logInPage({ next, username, refusal: error });
      }
    },
  );
  serveForm(pages, { path: '/logout', by: 'user', fields: Type.Object({ csrf: Type.String() }) }, (asked) => {
    const { actor, visit, request, reply } = asked;
    audited(cluster, originOf(actor, request), { action: 'user.log-out', subject: actor.name }, () =>
      revokeToken(cluster.store, visit.secret!),
    );
    dropSession(cluster, request, reply);
    return { goTo: '/login' };
  });
}

interface LogInForm {
  readonly next?: string | undefined;
  readonly username?: string;
  readonly refusal?: Refusal;
}

function logInPage({ next, username = '', refusal }: LogInForm): Page {
  return {
    title: 'Log in',
    isNarrow: true,
    status: refusal?.status ?? 200,
    main: (forms) => html`
${refusal !== undefined && html`<p class="notice bad" role="alert" id="why">${sentence(refusal.message)} ${refusal.mend !== undefined && sentence(refusal.mend)}</p>`}
<div class="card">${forms.form(
      '/login',
      html`
${next !== undefined && html`<input type="hidden" name="next" value="${next}">`}
<div class="field"><label for="username">Username</label>
<input type="text" id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="63" ${username === '' && html`autofocus`}></div>
<div class="field"><label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" required maxlength="1024" ${username !== '' && html`autofocus`} ${refusal !== undefined && html`aria-describedby="why"`}></div>
<button class="wide">Log in</button>`,
      'Log in',
    )}</div>`,
  };
}

/** Where to go on, if it is a path of this very server: a link must not lead elsewhere by way of us. */
function pathHere(next: string | undefined): string | undefined {
  const base = 'http://here.invalid';
  if (next === undefined || !next.startsWith('/') || !URL.canParse(next, base)) return undefined;
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith('//') ? pathname + search : undefined;
}
