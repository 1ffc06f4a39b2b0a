import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

/** What the users of a cluster are to do, read from the standard input. */
export interface Load {
  readonly url: string;
  readonly users: readonly { readonly name: string; readonly token: string }[];
  /** How often each user lists all tasks and polls one; once in between each creates a task. */
  readonly rounds: number;
}

/** What came of it, written to the standard output. Latencies are milliseconds, one for each request. */
export interface LoadResult {
  readonly seconds: number;
  readonly latencies: readonly number[];
  readonly errors: readonly string[];
}

// Users at once, each with a connection that is kept: each asks again as soon as it has its answer.
const { url, users, rounds } = (await json(process.stdin)) as Load;
const { hostname, port } = new URL(url);
const latencies: number[] = [];
const errors: string[] = [];

async function ask(agent: Agent, token: string, method: string, path: string, body?: object): Promise<void> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': text.length }),
  };
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const asked = request({ agent, hostname, port, method, path: `/api/v1${path}`, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        latencies.push(performance.now() - start);
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
  const own = `user.${name}`;
  for (let round = 0; round < rounds; round++) {
    if (round === index % rounds) {
      await ask(agent, token, 'POST', '/tasks', {
        name: `${own}.new`,
        dataFile: `${own}.data`,
        configFile: `${own}.configs`,
        secondary: {},
        exec: 'fit %DATA %IN %OUT',
        image: 'busybox',
        queue: 'cpu_small',
        et: 0,
        eta: 0,
        isDummyData: false,
        isDummyConfig: false,
        canaries: 1,
        dryRun: false,
      });
    }
    await ask(agent, token, 'GET', '/tasks');
    await ask(agent, token, 'GET', `/tasks/${own}.old0`);
  }
  agent.destroy();
}

const start = performance.now();
const done = await Promise.allSettled(users.map(beUser));
const seconds = (performance.now() - start) / 1_000;
for (const result of done) if (result.status === 'rejected') errors.push(String(result.reason));
process.stdout.write(JSON.stringify({ seconds, latencies, errors } satisfies LoadResult));
