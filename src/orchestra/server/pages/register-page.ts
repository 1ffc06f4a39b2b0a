import Type from 'typebox';
import { Refusal } from '../../refusal.ts';
import { tellAdministrators } from '../mail/outbox.ts';
import { statement } from '../state/statement.ts';
import { addUser } from '../users/add-user.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type PageScope, sentence, serveForm, servePage } from './page-scope.ts';

/** So many of one address are made an hour: whoever fills the list of administrators needs many addresses. */
const PER_HOUR = 10;

/** Beyond so many that wait to be activated nobody is registered any more. */
const MAX_WAITING = 1_000;

/** Serves the page by which people become users, where the configuration has it open. */
export function serveRegisterPage(pages: PageScope): void {
  const { cluster } = pages;
  const path = '/admin/register';
  servePage(pages, { path, by: 'anybody' }, () =>
    cluster.config.users.registration ? registerPage({}) : closedPage(),
  );
  const fields = Type.Object({
    csrf: Type.Optional(Type.String({ maxLength: 100 })),
    username: Type.String({ maxLength: 63 }),
    email: Type.String({ maxLength: 255 }),
    password: Type.String({ maxLength: 1_024 }),
    again: Type.String({ maxLength: 1_024 }),
  });
  serveForm(pages, { path, by: 'anybody', fields, perHour: PER_HOUR }, async ({ body, request }) => {
    const { username, email, password, again } = body;
    if (!cluster.config.users.registration) return closedPage();
    try {
      if (password !== again) throw new Refusal('bad-request', 'the two passwords are not the same');
      checkRoom(pages);
      const origin = { actor: 'visitor', address: request.ip, request: request.id };
      await addUser(cluster, origin, { name: username, email, password });
      tellAdministrators(cluster, {
        subject: `${username} has registered`,
        body: `${username} <${email}> has registered and waits to be activated.\n`,
      });
      return registeredPage(username);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return registerPage({ username, email, refusal: error });
    }
  });
}

function checkRoom({ cluster: { store } }: PageScope): void {
  const waiting = statement<{ n: number }>(
    store,
    `SELECT count(*) AS n FROM user WHERE state = 'registered'`,
  ).get()!.n;
  if (waiting < MAX_WAITING) return;
  throw new Refusal(
    'unavailable',
    'too many users wait to be activated',
    'ask an administrator of the cluster',
  );
}

interface RegisterForm {
  readonly username?: string;
  readonly email?: string;
  readonly refusal?: Refusal;
}

function registerPage({ username = '', email = '', refusal }: RegisterForm): Page {
  return {
    title: 'Register',
    isNarrow: true,
    status: refusal?.status ?? 200,
    main: (forms) => html`
${refusal !== undefined && html`<p class="notice bad" role="alert">${sentence(refusal.message)} ${refusal.mend !== undefined && sentence(refusal.mend)}</p>`}
<div class="card">${forms.form(
      '/admin/register',
      html`
<div class="field"><label for="username">Username</label>
<input type="text" id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="63" pattern="[A-Za-z0-9][A-Za-z0-9_\\-]*" aria-describedby="username-is" ${username === '' && html`autofocus`}>
<p class="small faint" id="username-is">Letters, digits, - and _. It stands in the names of your datasets and tasks.</p></div>
<div class="field"><label for="email">E-mail</label>
<input type="email" id="email" name="email" value="${email}" autocomplete="email" required maxlength="255" aria-describedby="email-is">
<p class="small faint" id="email-is">For news of your tasks, and nothing else.</p></div>
<div class="field"><label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="new-password" required minlength="8" maxlength="1024" aria-describedby="password-is">
<p class="small faint" id="password-is">8 characters or more.</p></div>
<div class="field"><label for="again">Password, once more</label>
<input type="password" id="again" name="again" autocomplete="new-password" required minlength="8" maxlength="1024"></div>
<button class="wide">Register</button>`,
      'Register',
    )}</div>`,
  };
}

function registeredPage(username: string): Page {
  return {
    title: 'You are registered',
    isNarrow: true,
    main: html`<div class="card"><p>Welcome, <strong>${username}</strong>. An administrator of the cluster has to activate your account
before you can log in.</p>
<p>Then, on your own machine:</p>
<pre><code>maestro authenticate --user ${username}</code></pre></div>`,
  };
}

function closedPage(): Page {
  return {
    title: 'Registration is closed',
    isNarrow: true,
    status: 403,
    main: html`<div class="card"><p>Ask an administrator of the cluster for an account.</p></div>`,
  };
}
