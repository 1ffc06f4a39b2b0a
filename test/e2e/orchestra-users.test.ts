import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { User } from '../../src/orchestra/api/users.ts';
import { userRoutes } from '../../src/orchestra/api.ts';
import { call } from '../../src/orchestra/client/call.ts';
import { refused } from '../orchestra/refused.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { makePlace } from './harness.ts';

/** A cluster that is served, and its console. */
async function makeConsole(t: TestContext) {
  const cluster = await servedCluster(t);
  const place = makePlace(t);
  const user = (args: readonly string[], input?: string) =>
    place.maestro(
      ['orchestra', 'user', ...args, '--data', cluster.data],
      input === undefined ? {} : { input },
    );
  /** Runs a command that must do it. */
  const done = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await user(args, input);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const logIn = (username: string, password: string) =>
    call({ server: cluster.url }, userRoutes.createToken, { body: { username, password } });
  const listed = async (name: string): Promise<User> => {
    const { users } = JSON.parse(await done(['list', '--json'])) as { users: User[] };
    return users.find((user) => user.name === name) ?? assert.fail(`${name} is not listed`);
  };
  return { cluster, user, done, logIn, listed };
}

describe('maestro orchestra user', () => {
  it('adds, activates and deactivates users while the cluster is served', async (t) => {
    const { cluster, user, done, logIn } = await makeConsole(t);
    assert.match(await done(['list']), /no users yet/);
    await done(['add', 'root-of-it', '--password-stdin', '--role', 'admin', '--activate'], 'correct horse\n');
    await done(['add', 'ada', '--password-stdin', '--email', 'ada@example.org'], 'battery staple\n');
    await assert.rejects(logIn('ada', 'battery staple'), refused('not-activated'));
    await done(['activate', 'ada']);
    const { token } = await logIn('ada', 'battery staple');
    assert.equal(await done(['deactivate', 'ada']), 'ada is locked out\n');
    const asked = call({ server: cluster.url, token }, userRoutes.showMyself, {});
    await assert.rejects(asked, refused('unauthenticated'));
    const only = await user(['deactivate', 'root-of-it']);
    assert.equal(only.code, 1);
    assert.match(only.stderr, /^error: root-of-it is the only administrator; make another user an/);
  });

  it('changes passwords, roles, queues and quotas', async (t) => {
    const { done, logIn, listed } = await makeConsole(t);
    await done(
      ['add', 'ada', '--queue', 'nvidia', '--queue', 'cpu_small', '--activate', '--password-stdin'],
      'battery staple\n',
    );
    assert.deepEqual((await listed('ada')).queues, ['cpu_small', 'nvidia']);
    await done(['queues', 'ada', '--open']);
    await done(['role', 'ada', 'admin']);
    await done(['quota', 'ada', '--storage', '3', '--jobs', 'none', '--priority', '7']);
    await done(['password', 'ada', '--password-stdin'], 'another staple\n');
    const { createdAt, ...ada } = await listed('ada');
    assert.deepEqual(ada, {
      name: 'ada',
      email: '',
      role: 'admin',
      state: 'active',
      maxPriority: 7,
      queues: [],
      storageQuota: 3 * 1024 * 1024,
      jobQuota: null,
    });
    assert.ok(createdAt > 0);
    await assert.rejects(logIn('ada', 'battery staple'), refused('unauthenticated'));
    await logIn('ada', 'another staple');
  });

  it('refuses what cannot be, in a line each, and leaves nothing behind', async (t) => {
    const { user, done } = await makeConsole(t);
    await done(['add', 'ada', '--password-stdin'], 'battery staple\n');
    for (const [args, input, message] of [
      [['add', 'ada', '--password-stdin'], 'battery staple', /there is a user ada already/],
      [['add', 'ADA', '--password-stdin'], 'battery staple', /there is a user ADA already/],
      [['add', '../ada', '--password-stdin'], 'battery staple', /cannot be a user's name/],
      [['add', 'Volume', '--password-stdin'], 'battery staple', /taken by the cluster/],
      [['add', 'bob', '--password-stdin'], 'short', /too short/],
      [['add', 'bob-bob-bob', '--password-stdin'], 'Bob-Bob-Bob', /is the name of the user/],
      [['add', 'bob'], 'battery staple', /no terminal to ask on/],
      [['add', 'bob', '--password-stdin', '--email', 'x\ny@a'], 'battery staple', /no e-mail address/],
      [
        ['add', 'bob', '--password-stdin', '--queue', 'gpu'],
        'battery staple',
        /there is no queue gpu; there are/,
      ],
      [['activate', 'bob'], '', /there is no user bob/],
      [['queues', 'ada'], '', /the queues are missing/],
      [['quota', 'ada'], '', /no quota is given/],
      [['quota', 'ada', '--jobs=-1'], '', /no whole number/],
    ] as const) {
      const { code, stderr } = await user(args, input);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.match(/^error: .*$/gm)?.length, 1, stderr);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    const { users } = JSON.parse(await done(['list', '--json'])) as { users: User[] };
    assert.deepEqual(
      users.map(({ name, state }) => [name, state]),
      [['ada', 'registered']],
    );
  });

  it('needs a cluster', async (t) => {
    const place = makePlace(t);
    const { code, stderr } = await place.maestro(['orchestra', 'user', 'list', '--data', place.directory]);
    assert.equal(code, 1);
    assert.match(stderr, /is no cluster's data directory/);
  });
});
