import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import pino from 'pino';
import { defaultConfig } from '../../../../src/orchestra/server/config/config.ts';
import { createApp } from '../../../../src/orchestra/server/http/app.ts';
import { systemClock } from '../../../../src/shared/clock.ts';

async function connected(t: TestContext): Promise<Socket> {
  const app = await createApp({
    config: defaultConfig(1),
    log: pino({ enabled: false }),
    clock: systemClock,
    actorOf: () => undefined,
    patience: { headers: 150, body: 150, request: 60_000, idle: 60_000 },
  });
  app.post('/echo', async ({ body }) => body);
  await app.listen({ port: 0 });
  t.after(() => app.close());
  const socket = connect((app.server.address() as { port: number }).port, 'localhost');
  t.after(() => socket.destroy());
  // The server may reset the connection, which is what is wanted.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends a character whenever the server has had time to look; ends when the server lets go. */
async function dribble(socket: Socket, character: string): Promise<void> {
  // Not `once` of events, which would take a reset for a failure.
  const gone = new Promise((done) => socket.once('close', done));
  const write = (): void => {
    if (!socket.destroyed) socket.write(character, () => setImmediate(write));
  };
  write();
  socket.resume();
  await gone;
}

test('a client that dribbles its headers is let go', async (t) => {
  const socket = await connected(t);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  await dribble(socket, 'x');
});

test('a client that dribbles its body is let go, however long a body it has announced', async (t) => {
  const socket = await connected(t);
  socket.write(
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"',
  );
  await dribble(socket, 'x');
});

test('a client that sends its body in time is answered', async (t) => {
  const socket = await connected(t);
  socket.write(
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"',
  );
  socket.write('ab"');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(String(answer), /^HTTP\/1\.1 200 OK/);
});
