import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { userByName } from '../../../../src/orchestra/server/users/user.ts';
import { standingClock } from '../../../fakes/standing-clock.ts';
import { type ClusterUnderTest, servedCluster } from '../../served-cluster.ts';
import { Visitor } from '../../visitor.ts';

const HOUR = 60 * 60 * 1_000;

function stateOf({ cluster }: ClusterUnderTest, name: string): string | undefined {
  return userByName(cluster.store, name)?.state;
}

const NEWCOMER = {
  username: 'bob',
  email: 'bob@example.org',
  password: 'battery staple',
  again: 'battery staple',
};

describe('the way in', () => {
  it('leads from registering by an administrator to one’s own pages, and out again', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { role: 'admin' });
    const bob = new Visitor(server.url);
    assert.match(
      (await bob.send('/admin/register', '/admin/register', NEWCOMER)).text,
      /Welcome, <strong>bob/,
    );
    const early = await bob.send('/login', '/login', { username: 'bob', password: 'battery staple' });
    assert.equal(early.status, 401);
    assert.match(early.text, /Your account has not been activated yet\./);
    const ada = new Visitor(server.url);
    await ada.logIn('ada');
    assert.match((await ada.get('/admin')).text, /Waiting to be activated.*bob@example\.org/s);
    await ada.send('/admin', '/admin/users/bob/state', { state: 'active', back: '/admin' });
    await bob.logIn('bob', 'battery staple');
    const { status, text, headers } = await bob.get('/datasets');
    assert.equal(status, 200);
    assert.match(text, /No datasets yet/);
    assert.equal(headers.get('cache-control'), 'no-store');
    const session = bob.cookies.get('maestro_session')!;
    assert.equal((await bob.send('/account', '/logout')).location, '/login');
    bob.cookies.set('maestro_session', session);
    assert.equal((await bob.get('/account')).location, '/login?next=%2Faccount', 'the session is over');
  });

  it('goes on where it was wanted to, and never to another server', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    for (const [next, goesTo] of [
      ['/datasets?user=ada', '/datasets?user=ada'],
      ['https://evil.example/', '/tasks'],
      ['//evil.example/', '/tasks'],
      ['/\\evil.example/', '/tasks'],
      ['/./\\evil.example', '/tasks'],
      ['/..//evil.example', '/tasks'],
      ['javascript:alert(1)', '/tasks'],
    ] as const) {
      const visitor = new Visitor(server.url);
      const password = 'password of ada';
      const { location } = await visitor.send('/login', '/login', { username: 'ada', password, next });
      assert.equal(location, goesTo, next);
    }
  });

  it('is closed where the configuration says so', async (t) => {
    const { users, ...config } = (await servedCluster(t)).cluster.config;
    const server = await servedCluster(t, {
      config: { ...config, users: { ...users, registration: false } },
    });
    const bob = new Visitor(server.url);
    assert.equal((await bob.get('/admin/register')).status, 403);
    assert.equal((await bob.send('/login', '/admin/register', NEWCOMER)).status, 403);
    assert.equal(stateOf(server, 'bob'), undefined);
  });

  it('says what is wrong with what was filled in, and keeps the rest of it', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    for (const [wrong, message] of [
      [{ username: 'ada' }, /There is a user ada already\. Choose another name\./],
      [{ username: '"><script>' }, /&quot;&gt;&lt;script&gt;.* cannot be a user&#39;s name/],
      [{ again: 'battery stable' }, /The two passwords are not the same\./],
      [{ password: 'short', again: 'short' }, /The password is too short\./],
      [{ email: 'nowhere' }, /is no e-mail address/],
    ] as const) {
      const bob = new Visitor(server.url);
      const seen = await bob.send('/admin/register', '/admin/register', { ...NEWCOMER, ...wrong });
      assert.ok(seen.status >= 400 && seen.status < 500, String(seen.status));
      assert.match(seen.text, message);
      if (!('email' in wrong)) assert.match(seen.text, /value="bob@example\.org"/);
      assert.doesNotMatch(seen.text, /battery|<script>/);
    }
  });

  it('ends after twelve hours', async (t) => {
    const clock = standingClock();
    const server = await servedCluster(t, { clock });
    await server.addUser('ada');
    const ada = new Visitor(server.url);
    await ada.logIn('ada');
    clock.move(12 * HOUR - 1);
    assert.equal((await ada.get('/account')).status, 200);
    clock.move(1);
    assert.equal((await ada.get('/account')).location, '/login?next=%2Faccount');
  });
});

describe('a form', () => {
  it('is not taken without the token of its session, whatever it would do', async (t) => {
    const server = await servedCluster(t);
    for (const name of ['ada', 'eve']) await server.addUser(name, { role: 'admin' });
    await server.addUser('bob', { state: 'registered' });
    const [ada, eve] = [new Visitor(server.url), new Visitor(server.url)];
    await ada.logIn('ada');
    await eve.logIn('eve');
    const before = await new Visitor(server.url).token('/login');
    for (const csrf of [undefined, '', 'x', await eve.token('/account'), before]) {
      const token = csrf === undefined ? {} : { csrf };
      for (const [action, fields] of [
        ['/admin/users/bob/state', { state: 'active' }],
        ['/admin/users/bob', { role: 'admin', maxPriority: '1', storageMiB: '', jobs: '' }],
        ['/account/revoke', {}],
        ['/logout', {}],
        [
          '/account/password',
          { current: 'password of ada', password: 'eve knows it', again: 'eve knows it' },
        ],
      ] as const) {
        const { status } = await ada.post(action, { ...fields, ...token });
        assert.ok(status === 403 || (csrf === undefined && status === 400), `${action}: ${status}`);
      }
    }
    assert.equal(stateOf(server, 'bob'), 'registered');
    assert.equal(userByName(server.cluster.store, 'bob')?.role, 'user');
    assert.equal((await ada.get('/account')).status, 200, 'she is still logged in');
  });

  it('is not taken from another site, even with a token', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const ada = new Visitor(server.url);
    await ada.logIn('ada');
    const csrf = await ada.token('/account');
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      assert.equal(
        (await ada.post('/account/revoke', { csrf }, headers as Record<string, string>)).status,
        403,
      );
    }
    assert.equal((await ada.get('/account')).status, 200);
  });

  it('to log in is bound to the browser that was given it', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('eve');
    const csrf = await new Visitor(server.url).token('/login');
    const victim = new Visitor(server.url);
    const { status } = await victim.post('/login', { username: 'eve', password: 'password of eve', csrf });
    assert.equal(status, 403);
    assert.equal(victim.cookies.has('maestro_session'), false);
  });

  it('is refused where it is too large, or no form', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const ada = new Visitor(server.url);
    await ada.logIn('ada');
    const csrf = await ada.token('/account');
    assert.equal((await ada.post('/logout', { csrf, x: 'x'.repeat(20_000) })).status, 413);
    const answer = await fetch(`${server.url}/logout`, {
      method: 'POST',
      body: `{"csrf":"${csrf}"}`,
      headers: {
        'content-type': 'text/plain',
        cookie: `maestro_session=${ada.cookies.get('maestro_session')}`,
      },
    });
    assert.equal(answer.status, 400);
    assert.equal((await ada.get('/account')).status, 200);
  });
});

describe('a session', () => {
  it('is good for pages only, and a token for the API only', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const ada = new Visitor(server.url);
    await ada.logIn('ada');
    const session = ada.cookies.get('maestro_session')!;
    const token = await server.tokenOf('ada');
    const me = (headers: Record<string, string>) => fetch(`${server.url}/api/v1/me`, { headers });
    assert.equal((await me({ authorization: `Bearer ${token}` })).status, 200);
    assert.equal((await me({ authorization: `Bearer ${session}` })).status, 401);
    assert.equal((await me({ cookie: `maestro_session=${session}` })).status, 401);
    ada.cookies.set('maestro_session', token);
    assert.equal((await ada.get('/account')).status, 303);
  });

  it('ends with a change of the password, everywhere', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const [here, there] = [new Visitor(server.url), new Visitor(server.url)];
    await here.logIn('ada');
    await there.logIn('ada');
    const change = (current: string) =>
      here.send('/account', '/account/password', {
        current,
        password: 'another staple',
        again: 'another staple',
      });
    assert.match((await change('a guess')).text, /Authentication failed!/);
    assert.equal((await change('password of ada')).location, '/login');
    assert.equal((await there.get('/account')).status, 303);
    await here.logIn('ada', 'another staple');
  });

  it('shows a user nothing of others, nor of the administration', async (t) => {
    const server = await servedCluster(t);
    for (const name of ['ada', 'bob']) await server.addUser(name);
    const bob = new Visitor(server.url);
    await bob.logIn('bob');
    for (const path of [
      '/admin',
      '/admin/users',
      '/admin/users/ada',
      '/datasets?user=ada',
      '/datasets/user.ada.data',
      '/datasets/user.ada.data/zip',
    ]) {
      const { status, text } = await bob.get(path);
      assert.equal(status, 403, path);
      assert.doesNotMatch(text, /ada@example/);
    }
    const csrf = await bob.token('/account');
    for (const action of ['/admin/users/bob', '/admin/users/bob/state', '/datasets/user.ada.data/delete']) {
      const fields = { csrf, state: 'inactive', role: 'admin', maxPriority: '9', storageMiB: '', jobs: '' };
      assert.equal((await bob.post(action, fields)).status, 403, action);
    }
    assert.equal(userByName(server.cluster.store, 'bob')?.role, 'user');
  });

  it('has its cookie kept from scripts and other sites, and behind TLS from everything else', async (t) => {
    const config = { server: { url: 'https://cluster.example.org', trustProxy: '127.0.0.1' } };
    const server = await servedCluster(t, { config });
    const plain = await fetch(`${server.url}/login`);
    assert.match(
      plain.headers.get('set-cookie') ?? '',
      /^maestro_visitor=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const proxied = await fetch(`${server.url}/login`, { headers: { 'x-forwarded-proto': 'https' } });
    assert.match(
      proxied.headers.get('set-cookie') ?? '',
      /^__Host-maestro_visitor=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    assert.match(proxied.headers.get('strict-transport-security') ?? '', /max-age=\d+/);
  });
});

describe('a page', () => {
  it('may be framed by nobody, runs no script but the server’s, and is kept nowhere', async (t) => {
    const server = await servedCluster(t);
    for (const path of ['/login', '/admin/register', '/account', '/admin']) {
      const { headers } = await new Visitor(server.url).get(path);
      assert.match(
        headers.get('content-security-policy') ?? '',
        /^default-src 'none';.*frame-ancestors 'none'/,
      );
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'same-origin');
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });
});
