import assert from 'node:assert/strict';

/** A page as a browser gets it. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Where it leads to, as a path; undefined where it stays. */
  readonly location: string | undefined;
}

/** A browser without a screen: it keeps cookies, and sends forms as they stand in pages. */
export class Visitor {
  readonly url: string;
  readonly cookies = new Map<string, string>();

  constructor(url: string) {
    this.url = url;
  }

  async get(path: string): Promise<Seen> {
    return await this.ask(path, {});
  }

  /** Sends a form with the token of the page that it stands in. */
  async send(page: string, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Seen> {
    return await this.post(action, { csrf: await this.token(page), ...fields });
  }

  async post(
    action: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    return await this.ask(action, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** The token that the forms of a page carry. */
  async token(page: string): Promise<string> {
    const { text } = await this.get(page);
    return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? assert.fail(`${page} has no form`);
  }

  /** Logs in, which must work. */
  async logIn(username: string, password = `password of ${username}`): Promise<void> {
    const { status } = await this.send('/login', '/login', { username, password });
    assert.equal(status, 303);
  }

  private async ask(path: string, init: RequestInit): Promise<Seen> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0) {
      headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    }
    const answer = await fetch(this.url + path, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return {
      status: answer.status,
      text: await answer.text(),
      headers: answer.headers,
      location: answer.headers.get('location') ?? undefined,
    };
  }
}
