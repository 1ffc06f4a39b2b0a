import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, runIfMain } from './claim.ts';
import { MAESTRO, withScratch } from './measure.ts';

/** After this what starting has set going has ended, the trials of the container runtimes included. */
const SETTLE_MS = 15_000;
const LIMIT_BYTES = 100 * 1024 * 1024;

/** What a cluster costs a machine on which nobody does anything: all of its rooms, and nothing in them. */
export const orchestraIdle: Bench = {
  work: 'a server of a cluster that idles',
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const args = [MAESTRO, 'orchestra', 'serve', '--data', join(directory, 'data'), '--port', '0'];
      const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(server, 'exit');
      await once(server.stdout, 'data');
      await pause(SETTLE_MS);
      const measured = residentBytes(server.pid ?? 0);
      server.kill('SIGTERM');
      await ended;
      const detail = `${SETTLE_MS / 1000} s after its start`;
      return [{ what: 'memory', limit: LIMIT_BYTES, measured, unit: 'bytes', detail }];
    }),
};

function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

await runIfMain(import.meta.url, orchestraIdle);
