import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { taskOf } from './task-order.ts';

/** What the users of a cluster are to do, read from the standard input. */
export interface Load {
  readonly url: string;
  readonly users: readonly { readonly name: string; readonly token: string }[];
  /** How often each user lists all tasks and polls one; once in between each creates a task. */
  readonly rounds: number;
  /** The last part of the names of the tasks that are created. */
  readonly created: string;
  /** How many requests the users make a second, all together; without it, as many as are answered. */
  readonly pace?: number;
}

/**
 * What came of it, written to the standard output. Latencies are milliseconds, one for each request: from the moment
 * when it was due, so that one that has to wait for an earlier one is not counted as if it had come later.
 */
export interface LoadResult {
  readonly seconds: number;
  readonly latencies: readonly number[];
  readonly errors: readonly string[];
}

// Users at once, each with a connection that is kept: each asks again as soon as it has its answer, or at its pace.
const { url, users, rounds, created, pace } = (await json(process.stdin)) as Load;
const { hostname, port } = new URL(url);
const latencies: number[] = [];
const errors: string[] = [];

interface User {
  readonly agent: Agent;
  readonly token: string;
  /** When each next request is due. */
  readonly turns: AsyncIterator<number, never>;
}

/** The moments at which a user's requests are due: spread evenly over the users, or now. */
async function* turnsOf(index: number): AsyncGenerator<number, never> {
  for (let turn = 0; ; turn++) {
    const now = performance.now();
    if (pace === undefined) {
      yield now;
      continue;
    }
    const due = start + ((turn + index / users.length) * users.length * 1_000) / pace;
    if (due > now) await pause(due - now);
    yield due;
  }
}

async function ask(
  { agent, token, turns }: User,
  method: string,
  path: string,
  body?: object,
): Promise<void> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': text.length }),
  };
  const { value: due } = await turns.next();
  await new Promise<void>((resolve, reject) => {
    const asked = request({ agent, hostname, port, method, path: `/api/v1${path}`, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        latencies.push(performance.now() - due);
        if (answer.statusCode !== 200) errors.push(`${path}: ${answer.statusCode} ${Buffer.concat(pieces)}`);
        resolve();
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

async function beUser({ name, token }: Load['users'][number], index: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const user = { agent, token, turns: turnsOf(index) };
  const own = `user.${name}`;
  for (let round = 0; round < rounds; round++) {
    if (round === index % rounds) {
      const task = taskOf(name, { name: created, exec: 'fit %DATA %IN %OUT' });
      await ask(user, 'POST', '/tasks', task);
    }
    await ask(user, 'GET', '/tasks');
    await ask(user, 'GET', `/tasks/${own}.old0`);
  }
  agent.destroy();
}

const start = performance.now();
const done = await Promise.allSettled(users.map(beUser));
const seconds = (performance.now() - start) / 1_000;
for (const result of done) if (result.status === 'rejected') errors.push(String(result.reason));
process.stdout.write(JSON.stringify({ seconds, latencies, errors } satisfies LoadResult));
