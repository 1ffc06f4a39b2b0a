import type { Actor } from '../actor.ts';
import { ICON_PATH, SCRIPT_PATH, STYLE_PATH } from './assets.ts';
import { type Content, type Html, html } from './html.ts';

/** A page as its room makes it; the layout puts the rest around it. */
export interface Page {
  readonly title: string;
  /** Whatever stands below the title; functions are given the token that its forms must carry. */
  readonly main: Html | ((forms: Forms) => Html);
  readonly status?: number;
  /** Whether it is to be brought up to date while it is looked at. */
  readonly isLive?: boolean;
  /** A narrow page in the middle, with a form and nothing else. */
  readonly isNarrow?: boolean;
}

/** Makes forms that are taken: each carries the token of the session. */
export interface Forms {
  /** A form to be filled in. */
  form(action: string, content: Html, label: string): Html;
  /** A form that is a button alone. `about` tells what it is about, for who cannot see where it stands. */
  button(action: string, label: string, options?: ButtonOptions): Html;
}

/** How a button of a form looks, and what it is told to be about where its words do not say it. */
export interface ButtonOptions {
  readonly about?: string;
  readonly kind?: 'main' | 'plain' | 'danger';
  readonly fields?: Readonly<Record<string, string>>;
}

/** Who looks at which page. */
export interface Looking {
  readonly actor: Actor | undefined;
  readonly csrf: string;
  readonly path: string;
}

/** A whole page. */
export function layOut({ title, main, isLive = false, isNarrow = false }: Page, looking: Looking): string {
  const { actor } = looking;
  const forms = formsWith(looking.csrf);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Maestro</title>
<link rel="icon" href="${ICON_PATH}" type="image/svg+xml">
<link rel="stylesheet" href="${STYLE_PATH}">
${isLive && html`<script src="${SCRIPT_PATH}" defer></script>`}
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<a class="brand" href="/">Maestro</a>
${navigation(looking, forms)}
</header>
<main id="main" ${isNarrow && html`class="narrow"`} tabindex="-1">
<h1>${title}</h1>
<div ${isLive && html`data-live`}>
${typeof main === 'function' ? main(forms) : main}
</div>
</main>
${actor === undefined && html`<footer>Datasets and container tasks on a cluster of one’s own.</footer>`}
</body>
</html>
`.text;
}

function navigation({ actor, path }: Looking, forms: Forms): Html {
  const link = (to: string, text: string): Html =>
    html`<li><a href="${to}" ${isAt(path, to) && html`aria-current="page"`}>${text}</a></li>`;
  if (actor === undefined) {
    return html`<nav aria-label="Pages"><ul>${link('/login', 'Log in')}${link('/admin/register', 'Register')}</ul></nav>`;
  }
  const administration = [link('/admin', 'Cluster'), link('/admin/users', 'Users')];
  return html`<nav aria-label="Pages"><ul>
${link('/tasks', 'Tasks')}${link('/datasets', 'Datasets')}${actor.role === 'admin' && administration}
</ul></nav>
<div class="who"><a href="/account" ${isAt(path, '/account') && html`aria-current="page"`}>${actor.name}</a>
${forms.button('/logout', 'Log out', { kind: 'plain' })}</div>`;
}

function isAt(path: string, to: string): boolean {
  return path === to || (to !== '/admin' && path.startsWith(`${to}/`));
}

function formsWith(csrf: string): Forms {
  const token = html`<input type="hidden" name="csrf" value="${csrf}">`;
  return {
    form: (action, content, label) =>
      html`<form method="post" action="${action}" aria-label="${label}">${token}${content}</form>`,
    button(action, label, { about, kind = 'main', fields = {} } = {}) {
      const hidden = Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
      );
      const words: Content = [label, about !== undefined && html`<span class="unseen"> ${about}</span>`];
      return html`<form class="inline" method="post" action="${action}">${token}${hidden}<button class="${kind}">${words}</button></form>`;
    },
  };
}
