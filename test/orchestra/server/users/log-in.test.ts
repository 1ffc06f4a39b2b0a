import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { userRoutes } from '../../../../src/orchestra/api.ts';
import { call } from '../../../../src/orchestra/client/call.ts';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { changeUser } from '../../../../src/orchestra/server/users/change-user.ts';
import { ACCOUNT, ADDRESS } from '../../../../src/orchestra/server/users/slow-down.ts';
import { standingClock } from '../../../fakes/standing-clock.ts';
import { refused } from '../../refused.ts';
import { type ClusterUnderTest, servedCluster } from '../../served-cluster.ts';

/** Tries to log in, and answers the word of the outcome. */
async function tryLogIn({ url }: ClusterUnderTest, username: string, password: string): Promise<string> {
  try {
    await call({ server: url }, userRoutes.createToken, { body: { username, password } });
    return 'done';
  } catch (error) {
    return error instanceof Refusal ? error.code : Promise.reject(error);
  }
}

const RIGHT = 'password of ada';

describe('logging in', () => {
  it('is refused in the same words for a wrong password and for nobody', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    for (const username of ['ada', 'nobody', 'Ada', "ada' OR 1=1 --", '*']) {
      const login = call({ server: server.url }, userRoutes.createToken, {
        body: { username, password: 'wrong' },
      });
      await assert.rejects(login, refused('unauthenticated', /^Authentication failed!$/));
    }
  });

  it('is refused to who is not activated yet, and to who was deactivated, only with the right password', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { state: 'registered' });
    assert.equal(await tryLogIn(server, 'ada', 'wrong'), 'unauthenticated');
    await assert.rejects(
      server.tokenOf('ada'),
      refused('not-activated', /^Your account has not been activated yet\.$/),
    );
    changeUser(server.cluster, AT_CONSOLE, 'ada', { state: 'active' });
    await server.tokenOf('ada');
    changeUser(server.cluster, AT_CONSOLE, 'ada', { state: 'inactive' });
    await assert.rejects(server.tokenOf('ada'), refused('forbidden', /deactivated/));
    assert.equal(await tryLogIn(server, 'ada', 'wrong'), 'unauthenticated');
  });

  it('is slowed down for an account that is guessed at, and goes on after the wait', async (t) => {
    const clock = standingClock();
    const server = await servedCluster(t, { clock });
    await server.addUser('ada');
    await server.addUser('bob');
    const guesses = ACCOUNT.freeFailures;
    for (let guess = 0; guess < guesses; guess++) {
      assert.equal(await tryLogIn(server, 'ada', `guess ${guess}`), 'unauthenticated');
    }
    assert.equal(await tryLogIn(server, 'ada', RIGHT), 'too-many-requests');
    assert.equal(await tryLogIn(server, 'bob', 'password of bob'), 'done', 'others are not held up');
    clock.move(ACCOUNT.firstWaitMs);
    assert.equal(await tryLogIn(server, 'ada', 'another guess'), 'unauthenticated');
    clock.move(ACCOUNT.firstWaitMs);
    assert.equal(await tryLogIn(server, 'ada', RIGHT), 'too-many-requests', 'the wait has doubled');
    await server.restart();
    assert.equal(await tryLogIn(server, 'ada', RIGHT), 'too-many-requests', 'a restart forgets nothing');
    clock.move(ACCOUNT.firstWaitMs);
    assert.equal(await tryLogIn(server, 'ada', RIGHT), 'done');
    assert.equal(await tryLogIn(server, 'ada', 'mistyped'), 'unauthenticated', 'and all begins anew');
  });

  it('is slowed down for names that there are not, as for others', async (t) => {
    const server = await servedCluster(t, { clock: standingClock() });
    for (let guess = 0; guess < ACCOUNT.freeFailures; guess++) await tryLogIn(server, 'nobody', 'guess');
    assert.equal(await tryLogIn(server, 'nobody', 'guess'), 'too-many-requests');
  });

  it('is slowed down for an address that tries one account after another, though it has one of its own', async (t) => {
    const clock = standingClock();
    const server = await servedCluster(t, { clock });
    await server.addUser('eve');
    for (let account = 0; account < ADDRESS.freeFailures; account++) {
      assert.equal(await tryLogIn(server, `user${account}`, 'password'), 'unauthenticated');
      if (account % 5 === 0) assert.equal(await tryLogIn(server, 'eve', 'password of eve'), 'done');
    }
    assert.equal(await tryLogIn(server, 'eve', 'password of eve'), 'too-many-requests');
    clock.move(ADDRESS.firstWaitMs);
    assert.equal(await tryLogIn(server, 'eve', 'password of eve'), 'done');
  });

  it('counts guesses that are made at the same time', async (t) => {
    const server = await servedCluster(t, { clock: standingClock() });
    await server.addUser('ada');
    const guesses = Array.from({ length: 30 }, (_, guess) => tryLogIn(server, 'ada', `guess ${guess}`));
    const outcomes = await Promise.all(guesses);
    assert.equal(outcomes.filter((word) => word === 'unauthenticated').length, ACCOUNT.freeFailures);
  });

  it('is audited, and no password is written down', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    await tryLogIn(server, 'ada', 'a secret guess');
    await tryLogIn(server, 'hunter2-as-a-name', 'x');
    await tryLogIn(server, 'ada', RIGHT);
    const lines = server.cluster.store.prepare('SELECT actor, action, subject, outcome FROM audit').all();
    assert.deepEqual(lines, [
      { actor: 'console', action: 'user.add', subject: 'ada', outcome: 'done' },
      { actor: 'ada', action: 'user.log-in', subject: 'ada', outcome: 'unauthenticated' },
      { actor: 'ada', action: 'user.log-in', subject: 'ada', outcome: 'done' },
    ]);
  });

  it('refuses bodies that are none', async (t) => {
    const server = await servedCluster(t);
    const answers = await Promise.all(
      [
        '{}',
        '[]',
        '{"username": "ada"}',
        '{"username": ["ada"], "password": "x"}',
        `{"username": "ada", "password": "${'x'.repeat(2_000)}"}`,
        '{"username": {"$ne": ""}, "password": {"$ne": ""}}',
        '{',
      ].map(async (body) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${server.url}/api/v1/tokens`, { method: 'POST', headers, body });
        return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
      }),
    );
    for (const answer of answers) assert.deepEqual(answer, [400, 'bad-request']);
  });
});

describe('an address that asks too often', () => {
  it('is refused before anything is done for it, and told for how long', async (t) => {
    const { limits, ...config } = (await servedCluster(t)).cluster.config;
    const server = await servedCluster(t, {
      config: { ...config, limits: { ...limits, requestsPerMinute: 3 } },
    });
    const ask = () => fetch(`${server.url}/api/v1/me`, { headers: { authorization: 'Bearer forged' } });
    for (let request = 0; request < 3; request++) assert.equal((await ask()).status, 401);
    const answer = await ask();
    assert.equal(answer.status, 429);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(await answer.text(), /"code":"too-many-requests","message":"this address asks too often"/);
  });
});
