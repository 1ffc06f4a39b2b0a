import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Bench, type Claim, runIfMain } from './claim.ts';
import { addUsers, leaveSlot, takeSlot } from './crowd.ts';
import { MAESTRO, withScratch } from './measure.ts';
import type { Load, LoadResult } from './orchestra-load.ts';

const USERS = 200;
const ROUNDS = 25;
const REQUESTS = 1_500;
const LIMIT_SECONDS = 1;
const LIMIT_P99_MS = 100;

/** One slot, which is taken: what jobs cost is another bench's, and they would run on the cores that answer requests. */
const CONFIG = 'queues: [{ name: cpu_small, slots: 1, runtime: none }]\n';

/** A cluster's board, looked at by many: lists of tasks, one task polled, and tasks created in between. */
export const orchestraRequests: Bench = {
  work: `${USERS} users at once listing, polling and creating tasks`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const data = join(directory, 'cluster');
      mkdirSync(data, { mode: 0o700 });
      writeFileSync(join(data, 'config.yaml'), CONFIG);
      const server = spawn(process.execPath, [MAESTRO, 'orchestra', 'serve', '--data', data, '--port', '0'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(server, 'exit');
      try {
        const url = await urlOf(createInterface({ input: server.stdout }));
        const users = addUsers(data, USERS);
        await takeSlot(url, users[0]!);
        const atOnce = await load({ url, users, rounds: ROUNDS, created: 'first' });
        const paced = await load({ url, users, rounds: ROUNDS, created: 'second', pace: REQUESTS });
        const core = `${processorSeconds(server.pid!).toFixed(1)} s of a core since the server’s start`;
        return [claimOfRate(atOnce), claimOfLatency(paced, core)];
      } finally {
        await leaveSlot(data);
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

await runIfMain(import.meta.url, orchestraRequests);
