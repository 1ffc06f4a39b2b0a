import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { makePlace } from './harness.ts';

describe('maestro authenticate', () => {
  it('takes the password from the standard input, keeps the token alone, and revokes it', async (t) => {
    const cluster = await servedCluster(t);
    await cluster.addUser('ada', { password: 'correct horse' });
    const place = makePlace(t);
    const env = { HOME: place.directory, MAESTRO_SERVER: cluster.url };
    const login = await place.maestro(['authenticate', '-u', 'ada'], { env, input: 'correct horse\n' });
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /^ada is logged in to http:\/\/127\.0\.0\.1:\d+ until \d{4}-\d\d-\d\d\n$/);
    const file = place.path('.maestro_credentials');
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\$ada\$maestro_[A-Za-z0-9_-]{43}$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const me = async (credentials: string) => {
      const headers = { authorization: `Bearer ${credentials.slice('$ada$'.length)}` };
      return (await fetch(`${cluster.url}/api/v1/me`, { headers })).status;
    };
    assert.equal(await me(text), 200);
    // The server is remembered: no variable names it now.
    const again = await place.maestro(['authenticate', '-u', 'ada'], {
      env: { HOME: place.directory },
      input: 'correct horse\n',
    });
    assert.equal(again.code, 0, again.stderr);
    const second = readFileSync(file, 'utf8');
    const logout = await place.maestro(['authenticate', '--revoke'], { env: { HOME: place.directory } });
    assert.equal(logout.code, 0, logout.stderr);
    assert.equal(await me(second), 401);
    assert.equal(await me(text), 200);
    assert.equal(existsSync(file), false);
  });

  it('warns of a password on the command line, and takes it', async (t) => {
    const cluster = await servedCluster(t);
    await cluster.addUser('ada', { password: 'correct horse' });
    const place = makePlace(t);
    const { code, stderr } = await place.maestro(
      ['authenticate', '--username', 'ada', '-p', 'correct horse', '--server', cluster.url],
      { env: { HOME: place.directory } },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: --password shows in the list of processes/);
  });

  it('says in a line why there is no token, and leaves the one that was there', async (t) => {
    const cluster = await servedCluster(t);
    await cluster.addUser('ada', { password: 'correct horse' });
    await cluster.addUser('eve', { password: 'correct horse', state: 'registered' });
    const place = makePlace(t);
    const env = { HOME: place.directory, MAESTRO_SERVER: cluster.url };
    const as = (user: string, input: string) => place.maestro(['authenticate', '-u', user], { env, input });
    await as('ada', 'correct horse');
    const before = readFileSync(place.path('.maestro_credentials'), 'utf8');
    for (const [user, input, message] of [
      ['ada', 'wrong\n', 'error: Authentication failed!; check the name and the password\n'],
      ['eve', 'correct horse', 'error: Your account has not been activated yet.; ask an administrator'],
    ] as const) {
      const { code, stderr } = await as(user, input);
      assert.equal(code, 1);
      assert.ok(stderr.includes(message), stderr);
    }
    assert.equal(readFileSync(place.path('.maestro_credentials'), 'utf8'), before);
    const nobody = await place.maestro(['authenticate', '-u', 'ada', '--server', 'http://127.0.0.1:9'], {
      env,
      input: 'correct horse\n',
    });
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /the server http:\/\/127\.0\.0\.1:9 cannot be reached/);
  });
});
