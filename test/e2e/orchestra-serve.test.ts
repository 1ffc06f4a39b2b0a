import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { userRoutes } from '../../src/orchestra/api.ts';
import { type Connection, call } from '../../src/orchestra/client/call.ts';
import { send, sha256, storeFiles } from '../orchestra/datasets/raw-uploads.ts';
import { makePlace, noMounts, type Place, signal } from './harness.ts';
import { logOf, startServer } from './served-process.ts';
import { until } from './until.ts';

const PASSWORD = 'a password that nobody guesses 77';

async function addUser(place: Place, data: string, name: string): Promise<void> {
  const args = ['orchestra', 'user', 'add', name, '--password-stdin', '--activate', '--data', data];
  const { code, stderr } = await place.maestro(args, { input: `${PASSWORD}\n` });
  assert.equal(code, 0, stderr);
}

async function logIn(server: string, username: string): Promise<Connection> {
  const body = { username, password: PASSWORD };
  return { server, token: (await call({ server }, userRoutes.createToken, { body })).token };
}

/** A server with a user, who has logged in. */
async function makeServer(t: TestContext, data?: string) {
  const place = makePlace(t);
  const directory = data ?? place.path('data');
  const server = await startServer(place, directory);
  await addUser(place, directory, 'ada');
  return { place, data: directory, server, ada: await logIn(server.url, 'ada') };
}

describe('maestro orchestra serve', () => {
  it('says where it serves, and how to make the first administrator while there is none', async (t) => {
    const place = makePlace(t);
    const data = place.path('data');
    const first = await startServer(place, data);
    const add = ['orchestra', 'user', 'add', 'grace', '--password-stdin', '--role', 'admin', '--activate'];
    assert.equal((await place.maestro([...add, '--data', data], { input: `${PASSWORD}\n` })).code, 0);
    signal(first.pid, 'SIGTERM');
    const { code, stdout, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    assert.ok(stdout.startsWith(`serving ${data} at ${first.url}\n`), stdout);
    assert.match(
      stderr,
      /there is no administrator yet; make one: maestro orchestra user add NAME --role admin/,
    );
    assert.match(stderr, /SIGTERM: stopping/);
    const second = await startServer(place, data);
    signal(second.pid, 'SIGINT');
    const ended = await second.ended;
    assert.equal(ended.code, 0);
    assert.doesNotMatch(ended.stderr, /administrator/);
  });

  it('has everything that it acknowledged after a kill, and starts again', async (t) => {
    const { place, data, server, ada } = await makeServer(t);
    assert.ok((await storeFiles(ada, 'user.ada.kept', { 'a.txt': 'acknowledged' })).status < 300);
    signal(server.pid, 'SIGKILL');
    await server.ended;
    const again = await startServer(place, data);
    const { body } = await send({ ...ada, server: again.url }, 'GET', '/datasets/user.ada.kept');
    const { contents } = body as { contents: { path: string; sha256: string }[] };
    assert.deepEqual(
      contents.map(({ path, sha256 }) => [path, sha256]),
      [['a.txt', sha256('acknowledged')]],
    );
  });

  it('lets no second server at a directory, whoever else has died there', async (t) => {
    const place = makePlace(t);
    const data = place.path('data');
    const first = await startServer(place, data);
    const second = await place.maestro(['orchestra', 'serve', '--data', data, '--port', '0']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`is served already, by pid ${first.pid} on host .* since 20`));
    assert.equal((await fetch(`${first.url}/healthz`)).status, 200);
    signal(first.pid, 'SIGKILL');
    await first.ended;
    await startServer(place, data);
  });

  it('tells each mistake of its configuration with its line, and starts nothing', async (t) => {
    const place = makePlace(t);
    const data = place.path('data');
    mkdirSync(data);
    writeFileSync(join(data, 'config.yaml'), 'limits:\n  freeMib: 3\nqueues:\n  - {name: q, slots: many}\n');
    const { code, stderr, stdout } = await place.maestro(['orchestra', 'serve', '--data', data]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: the configuration has 2 mistakes\n/);
    assert.match(stderr, /config\.yaml:2:3: limits has an unknown key 'freeMib'; did you mean 'freeMiB'\?\n/);
    assert.match(
      stderr,
      /config\.yaml:4:22: slots of queue 'q' is 'many'; write a whole number of at least 1\n/,
    );
    assert.ok(!existsSync(join(data, 'orchestra.db')));
  });

  it('says in a line why it cannot listen or write, and which words lead to what', async (t) => {
    const place = makePlace(t);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await until('the port is taken', () => taken.listening);
    const { port } = taken.address() as { port: number };
    const file = place.path('file');
    writeFileSync(file, '');
    const data = place.path('data');
    const cases: readonly (readonly [string[], RegExp])[] = [
      [
        ['--data', data, '--port', String(port)],
        /^error: 127\.0\.0\.1:\d+ is taken by another program; .*--port\n$/,
      ],
      // Places whose parent is there and takes no directories.
      [['--data', '/proc/x'], /^error: \/proc\/x cannot be made or written to \(ENOENT\); .*\n$/],
      [['--data', '/proc/x/y'], /^error: \/proc\/x cannot be made or written to \(ENOENT\); .*\n$/],
      [['--data', join(file, 'x')], /^error: .*file\/x cannot be made or written to \(ENOTDIR\); .*\n$/],
      [
        ['--data', data, '--host', '0.0.0.0'],
        /^error: 0\.0\.0\.0 can be reached from other machines, .*--insecure\n$/,
      ],
      [
        ['--data', data, '--host', '192.0.2.1', '--insecure'],
        /^error: 192\.0\.2\.1:5020 is no address of this machine/,
      ],
      [['--data', data, '--config', place.path('no.yaml')], /^error: .*no\.yaml: there is no such file/],
    ];
    for (const [args, told] of cases) {
      const { code, stderr } = await place.maestro(['orchestra', 'serve', ...args]);
      assert.equal(code, 1);
      assert.match(stderr, told);
    }
  });

  it('serves with TLS beyond this machine', async (t) => {
    const place = makePlace(t);
    const data = place.path('data');
    mkdirSync(data);
    const make =
      'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem';
    execFileSync('openssl', make.split(' '), { cwd: data, stdio: 'ignore' });
    writeFileSync(join(data, 'config.yaml'), 'server:\n  tls: {cert: cert.pem, key: key.pem}\n');
    const server = await startServer(place, data, ['--host', '0.0.0.0']);
    assert.match(server.url, /^https:/);
    const ca = readFileSync(join(data, 'cert.pem'));
    const answer = await new Promise<string>((done, fail) => {
      const port = new URL(server.url).port;
      const asked = request(
        { host: '127.0.0.1', servername: 'localhost', port, path: '/healthz', ca },
        (got) => {
          text(got).then(done, fail);
        },
      );
      asked.on('error', fail).end();
    });
    assert.match(answer, /"status":"healthy"/);
  });

  it('writes no secret anywhere but where it belongs', async (t) => {
    const { place, data, server, ada } = await makeServer(t);
    const headers = { 'content-type': 'application/json', cookie: `session=${PASSWORD}` };
    const body = (value: unknown) => ({ headers, body: JSON.stringify(value) });
    const wrong = { username: 'ada', password: `${PASSWORD} wrong` };
    assert.equal((await send({ server: server.url }, 'POST', '/tokens', body(wrong))).status, 401);
    const broken = { headers, body: `{"password": "${PASSWORD}"` };
    assert.equal((await send({ server: server.url }, 'POST', '/tokens', broken)).status, 400);
    assert.equal(
      (await send({ server: server.url }, 'POST', '/tokens', body({ password: PASSWORD }))).status,
      400,
    );
    assert.equal(
      (await send({ server: server.url, token: `${ada.token}x` }, 'GET', '/datasets')).status,
      401,
    );
    assert.equal((await send(ada, 'GET', `/datasets?token=${ada.token}`)).status, 200);
    assert.equal((await send(ada, 'GET', `/nothing/${ada.token}`)).status, 404);
    assert.equal(
      (await place.maestro(['orchestra', 'audit', '--data', data])).stdout.includes(PASSWORD),
      false,
    );
    signal(server.pid, 'SIGTERM');
    const { stdout, stderr } = await server.ended;
    const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    assert.ok(texts.length > 3);
    for (const content of [stdout, stderr, ...texts]) {
      assert.ok(!content.includes(PASSWORD));
      assert.ok(!content.includes(ada.token!));
    }
  });

  it('goes on in a new log file at SIGHUP', async (t) => {
    const place = makePlace(t);
    const data = place.path('data');
    const server = await startServer(place, data);
    const log = join(data, 'logs', 'server.log');
    renameSync(log, `${log}.old`);
    signal(server.pid, 'SIGHUP');
    await until('there is a new log', () => existsSync(log));
    signal(server.pid, 'SIGTERM');
    assert.equal((await server.ended).code, 0);
  });
});

describe('a server in trouble', () => {
  it('answers `unavailable` while its disk is full, and goes on afterwards', {
    skip: noMounts(),
  }, async (t) => {
    const place = makePlace(t);
    const data = place.mountTiny('data', 24);
    writeFileSync(join(data, 'config.yaml'), 'limits: {freeMiB: 0}\n');
    const server = await startServer(place, data);
    await addUser(place, data, 'ada');
    const ada = await logIn(server.url, 'ada');
    const filler = join(data, 'filler');
    const { bavail, bsize } = statfsSync(data);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    const refused = await storeFiles(ada, 'user.ada.input', { big: 'x'.repeat(200_000) });
    assert.equal(refused.status, 503, JSON.stringify(refused.body));
    assert.equal(refused.body.error.code, 'unavailable');
    assert.match(refused.body.error.message, /disk .*full/);
    rmSync(filler);
    assert.ok((await storeFiles(ada, 'user.ada.input', { big: 'x'.repeat(200_000) })).status < 300);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await until('the log tells of it', () => logOf(data).some(({ level }) => level === 50));
  });

  it('answers `unavailable` while another process holds its store, and goes on afterwards', async (t) => {
    const { data, ada } = await makeServer(t);
    const other = new Database(join(data, 'orchestra.db'));
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    const refused = await storeFiles(ada, 'user.ada.input', { a: 'a' });
    assert.equal(refused.status, 503, JSON.stringify(refused.body));
    assert.equal(refused.body.error.code, 'unavailable');
    assert.match(refused.body.error.request, /^[0-9a-f-]{36}$/);
    const { request } = refused.body.error;
    await until('the log tells of it', () => logOf(data).some(({ reqId }) => reqId === request));
    other.exec('ROLLBACK');
    assert.ok((await storeFiles(ada, 'user.ada.input', { a: 'a' })).status < 300);
  });

  it('refuses a body beyond its limit without reading it', async (t) => {
    const { server } = await makeServer(t);
    const { status, body } = await send({ server: server.url }, 'POST', '/tokens', {
      headers: { 'content-type': 'application/json' },
      body: `"${'x'.repeat(2 * 1024 * 1024)}"`,
    });
    assert.equal(status, 413);
    assert.equal(body.error.code, 'too-large');
  });
});
