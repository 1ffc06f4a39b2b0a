import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type ClusterStore, openClusterStore } from '../src/orchestra/server/state/store.ts';
import { issueToken } from '../src/orchestra/server/users/tokens.ts';
import { type Bench, type Claim, runIfMain } from './claim.ts';
import { MAESTRO, withScratch } from './measure.ts';
import type { Load, LoadResult } from './orchestra-load.ts';

const USERS = 200;
const ROUNDS = 25;
const TASKS_EACH = 5;
const JOBS_EACH = 20;
const REQUESTS = 1_500;
const LIMIT_SECONDS = 1;
const LIMIT_P99_MS = 100;
const HOUR_MS = 3_600_000;

/** A cluster's board, looked at by many: lists of tasks, one task polled, and tasks created in between. */
export const orchestraRequests: Bench = {
  work: `${USERS} users at once listing, polling and creating tasks`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const data = join(directory, 'cluster');
      const server = spawn(process.execPath, [MAESTRO, 'orchestra', 'serve', '--data', data, '--port', '0'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(server, 'exit');
      try {
        const url = await urlOf(createInterface({ input: server.stdout }));
        const users = addUsers(data);
        const atOnce = await load({ url, users, rounds: ROUNDS, created: 'first' });
        const paced = await load({ url, users, rounds: ROUNDS, created: 'second', pace: REQUESTS });
        const core = `${processorSeconds(server.pid!).toFixed(1)} s of a core since the server’s start`;
        return [claimOfRate(atOnce), claimOfLatency(paced, core)];
      } finally {
        endTasks(data);
        server.kill('SIGTERM');
        await exited;
      }
    }),
};

/** Each user asks again as soon as it has its answer. */
function claimOfRate({ seconds, latencies: { length: count } }: LoadResult): Claim {
  return {
    what: `time of ${REQUESTS} requests, asked for as fast as they are answered`,
    limit: LIMIT_SECONDS,
    measured: (seconds / count) * REQUESTS,
    unit: 'seconds',
    detail: `${Math.round(count / seconds)} requests/s, ${count} requests, ${USERS} created tasks`,
  };
}

/**
 * Each user asks when it is due. Where nobody waited between two requests, the users alone would make the latency:
 * 200 of them at 1,500 requests a second are 133 ms.
 */
function claimOfLatency({ seconds, latencies }: LoadResult, core: string): Claim {
  const sorted = [...latencies].sort((a, b) => a - b);
  const among = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const rate = Math.round(sorted.length / seconds);
  return {
    what: `99 of 100 answered within, at ${REQUESTS} requests a second`,
    limit: LIMIT_P99_MS,
    measured: among(0.99),
    unit: 'milliseconds',
    detail: `${rate} requests/s, median ${among(0.5).toFixed(1)} ms; ${core}`,
  };
}

/** User and system time of a process, in seconds, on a kernel that counts a hundred ticks a second. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function urlOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [, url] = / at (http:\S+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the server has not started');
}

/** The load has a process of its own: its work is not to be measured as the server's. */
async function load(work: Load): Promise<LoadResult> {
  const script = fileURLToPath(new URL('orchestra-load.ts', import.meta.url));
  const generator = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  generator.stdin.end(JSON.stringify(work));
  const result = JSON.parse(await text(generator.stdout)) as LoadResult;
  const { errors } = result;
  if (errors.length > 0) throw new Error(`${errors.length} requests have failed: ${errors[0]}`);
  return result;
}

/** Users with tokens, with two datasets, and with tasks that have ended. */
function addUsers(data: string): Load['users'] {
  const store = openClusterStore(data);
  try {
    return store.transaction(() => {
      const sha256 = '0'.repeat(64);
      store.prepare(`INSERT INTO blob VALUES (?, 1, 1, 1, 'sound')`).run(sha256);
      return Array.from({ length: USERS }, (_, index) => addUser(store, `user${index}`, sha256));
    })();
  } finally {
    store.close();
  }
}

function addUser(store: ClusterStore, name: string, sha256: string): Load['users'][number] {
  const now = Date.now();
  const user = Number(
    store
      .prepare(
        `INSERT INTO user (name, password, role, state, max_priority, created_at)
        VALUES (?, '!', 'user', 'active', 100, ?)`,
      )
      .run(name, now).lastInsertRowid,
  );
  const addDataset = (dataset: string, kind: string, files: number): number => {
    const { lastInsertRowid: id } = store
      .prepare('INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, ?, ?)')
      .run(`user.${name}.${dataset}`, user, kind, now);
    for (let file = 0; file < files; file++) {
      store.prepare('INSERT INTO file VALUES (?, ?, ?, 1, ?)').run(id, `file${file}`, sha256, now);
    }
    return Number(id);
  };
  addDataset('data', 'files', 1);
  addDataset('configs', 'files', JOBS_EACH);
  for (let task = 0; task < TASKS_EACH; task++) {
    const output = addDataset(`old${task}`, 'outputs', 0);
    const { lastInsertRowid: id } = store
      .prepare(
        `INSERT INTO task (name, owner, queue, image, exec, command, data_dataset, config_dataset, is_dummy_data,
          is_dummy_config, et, eta, canaries, output, run, state, state_at, ended_as, ended_at, created_at)
        VALUES (?, ?, 'cpu_small', 'busybox', 'x', 'x', '', '', 0, 0, 0, 0, 1, ?, 1, 'done', ?, 'done', ?, ?)`,
      )
      .run(`user.${name}.old${task}`, user, output, now, now, now);
    for (let job = 0; job < JOBS_EACH; job++) {
      store.prepare(`INSERT INTO job VALUES (?, ?, '', 'done', 'node1', ?, ?)`).run(id, job, now, now);
    }
  }
  const { token } = issueToken(store, { user, kind: 'api', now, expiresAt: now + HOUR_MS });
  return { name, token };
}

/** Nothing is to run on when the server is gone: the created tasks have no image to run in, and break. */
function endTasks(data: string): void {
  const store = openClusterStore(data);
  store.prepare(`DELETE FROM task WHERE ended_as IS NULL`).run();
  store.close();
}

await runIfMain(import.meta.url, orchestraRequests);
