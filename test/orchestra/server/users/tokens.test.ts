import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { userRoutes } from '../../../../src/orchestra/api.ts';
import { call } from '../../../../src/orchestra/client/call.ts';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { changeUser, setPassword } from '../../../../src/orchestra/server/users/change-user.ts';
import { standingClock } from '../../../fakes/standing-clock.ts';
import { refused } from '../../refused.ts';
import { servedCluster } from '../../served-cluster.ts';

const DAY = 24 * 60 * 60 * 1_000;

describe('a token', () => {
  it('says whose it is, after a restart of the server too', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { email: 'ada@example.org', queues: ['nvidia'] });
    const connection = await server.connectionOf('ada');
    await server.restart();
    const { name, email, role, queues } = await call(connection, userRoutes.showMyself, {});
    assert.deepEqual(
      { name, email, role, queues },
      { name: 'ada', email: 'ada@example.org', role: 'user', queues: ['nvidia'] },
    );
  });

  it('is refused where it is missing, forged, altered or of no form', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const token = await server.tokenOf('ada');
    const forged = `maestro_${Buffer.alloc(32, 7).toString('base64url')}`;
    for (const wrong of [undefined, '', 'x', forged, token.slice(0, -1), `${token}A`, token.toUpperCase()]) {
      const connection = { server: server.url, ...(wrong === undefined ? {} : { token: wrong }) };
      await assert.rejects(call(connection, userRoutes.showMyself, {}), refused('unauthenticated'));
    }
  });

  it('is good until it expires', async (t) => {
    const clock = standingClock();
    const server = await servedCluster(t, { clock });
    await server.addUser('ada');
    const connection = await server.connectionOf('ada');
    clock.move(90 * DAY - 1);
    await call(connection, userRoutes.showMyself, {});
    clock.move(1);
    await assert.rejects(call(connection, userRoutes.showMyself, {}), refused('unauthenticated', /expired/));
  });

  it('is worth nothing once it is revoked, and the others of its user only if all are', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const [first, second, third] = [
      await server.connectionOf('ada'),
      await server.connectionOf('ada'),
      await server.connectionOf('ada'),
    ];
    await call(first, userRoutes.revokeToken, { query: {} });
    await assert.rejects(call(first, userRoutes.showMyself, {}), refused('unauthenticated'));
    await call(second, userRoutes.showMyself, {});
    await call(second, userRoutes.revokeToken, { query: { all: true } });
    for (const connection of [second, third]) {
      await assert.rejects(call(connection, userRoutes.showMyself, {}), refused('unauthenticated'));
    }
  });

  it('is worth nothing once its user is deactivated, or has another password', async (t) => {
    const server = await servedCluster(t);
    for (const name of ['ada', 'bob']) await server.addUser(name);
    const [ada, bob] = [await server.connectionOf('ada'), await server.connectionOf('bob')];
    changeUser(server.cluster, AT_CONSOLE, 'ada', { state: 'inactive' });
    await setPassword(server.cluster, AT_CONSOLE, 'bob', 'another password');
    changeUser(server.cluster, AT_CONSOLE, 'ada', { state: 'active' });
    for (const connection of [ada, bob]) {
      await assert.rejects(call(connection, userRoutes.showMyself, {}), refused('unauthenticated'));
    }
  });

  it('is not in the store, nor in the log', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada');
    const token = await server.tokenOf('ada');
    const rows = JSON.stringify(server.cluster.store.prepare('SELECT * FROM token').all());
    const log = readFileSync(join(server.cluster.directory.logs, 'server.log'), 'utf8');
    assert.ok(rows.length > 10 && log.length > 10);
    assert.equal(`${rows}${log}`.includes(token.slice(8)), false);
  });
});
