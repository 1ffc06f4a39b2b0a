import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connectionFrom, isReadableOnTheWay, serverFrom } from '../../../src/orchestra/client/connection.ts';
import {
  readCredentials,
  removeCredentials,
  writeCredentials,
} from '../../../src/orchestra/client/credentials.ts';

const HERE = 'http://127.0.0.1:5020';
const THERE = 'https://cluster.example.org';

/** A home of the test's own; warnings are failures unless they are asked for. */
function makeHome(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'maestro-home-'));
  t.after(() => rmSync(home, { recursive: true }));
  const file = join(home, '.maestro_credentials');
  return { env: { HOME: home } as NodeJS.ProcessEnv, home, file };
}

function noWarning(line: string): void {
  assert.fail(line);
}

describe('credentials', () => {
  it('are what older clients send as it is, and are readable by their user alone', (t) => {
    const { env, file, home } = makeHome(t);
    writeCredentials(env, { user: 'ada', token: 'old', server: THERE });
    writeCredentials(env, { user: 'ada', token: 'abc', server: THERE });
    assert.equal(readFileSync(file, 'utf8'), '$ada$abc');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(home).sort(), ['.maestro_credentials', '.maestro_server']);
    assert.deepEqual(connectionFrom(env, {}, noWarning), { server: THERE, user: 'ada', token: 'abc' });
  });

  it('that an older client wrote over ours are not taken for those of our server', (t) => {
    const { env, file } = makeHome(t);
    writeCredentials(env, { user: 'ada', token: 'abc', server: THERE });
    writeFileSync(file, '$ada$0123456789abcdef');
    assert.deepEqual(connectionFrom(env, {}, noWarning), {
      server: HERE,
      user: 'ada',
      token: '0123456789abcdef',
    });
  });

  it('are never sent to another server than the one that gave them', (t) => {
    const { env } = makeHome(t);
    writeCredentials(env, { user: 'ada', token: 'abc', server: THERE });
    const other = { message: /authenticated at https:\/\/cluster\.example\.org, not at/ };
    assert.throws(() => connectionFrom(env, { server: HERE }, noWarning), other);
    assert.throws(() => connectionFrom({ ...env, MAESTRO_SERVER: HERE }, {}, noWarning), other);
    assert.equal(connectionFrom(env, { server: `${THERE}/` }, noWarning).token, 'abc');
  });

  it('that others can read are mended, with a warning', (t) => {
    const { env, file } = makeHome(t);
    writeCredentials(env, { user: 'ada', token: 'abc', server: THERE });
    chmodSync(file, 0o640);
    const warnings: string[] = [];
    assert.equal(connectionFrom(env, {}, (line) => warnings.push(line)).token, 'abc');
    assert.match(warnings.join('\n'), /could be read by others.*--revoke/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    connectionFrom(env, {}, noWarning);
  });

  it('that are none are told, and so is that there are none', (t) => {
    const { env, file } = makeHome(t);
    assert.throws(() => connectionFrom(env, {}, noWarning), { message: /have not authenticated/ });
    for (const text of ['', 'ada', '$ada', '$ada$a b', '$ada$a$b', '{"token": 1}']) {
      writeFileSync(file, text, { mode: 0o600 });
      assert.throws(() => connectionFrom(env, {}, noWarning), { message: /holds no credentials/ }, text);
    }
    removeCredentials(env);
    assert.equal(readCredentials(env, noWarning), undefined);
  });
});

describe('the address of a server', () => {
  it('is the option, else the environment, else what is remembered, else this machine', () => {
    assert.equal(serverFrom({ MAESTRO_SERVER: HERE }, { server: THERE }, HERE), THERE);
    assert.equal(serverFrom({ MAESTRO_SERVER: THERE }, {}, HERE), THERE);
    assert.equal(serverFrom({ MAESTRO_SERVER: '' }, {}, THERE), THERE);
    assert.equal(serverFrom({}, {}), HERE);
  });

  it('is checked', () => {
    for (const server of ['cluster', 'ftp://a', 'https://u:p@a', 'https://a/?x=1', 'file:///etc', '']) {
      assert.throws(() => serverFrom({}, { server }), { message: /is no address of a server/ }, server);
    }
  });

  it('is known to be readable on the way unless it is encrypted or this machine', () => {
    for (const server of [HERE, THERE, 'http://localhost:1', 'http://[::1]:5020', 'http://127.1.2.3']) {
      assert.equal(isReadableOnTheWay(server), false, server);
    }
    for (const server of ['http://cluster.example.org', 'http://127.0.0.1.example.org', 'http://10.0.0.1']) {
      assert.equal(isReadableOnTheWay(server), true, server);
    }
  });
});
