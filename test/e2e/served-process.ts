import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Place } from './harness.ts';
import { until } from './until.ts';

/** A server in a process of its own. */
export interface ServedProcess {
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<Outcome>;
}

/** Starts `maestro orchestra serve`, at a free port unless the arguments name one, and answers once it listens. */
export async function startServer(
  place: Place,
  data: string,
  args: readonly string[] = [],
): Promise<ServedProcess> {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const { pid, ended } = place.start(['orchestra', 'serve', '--data', data, ...port, ...args]);
  const early = ended.then(({ stderr }) => {
    throw new Error(`the server has ended: ${stderr}`);
  });
  const url = await Promise.race([early, until('the server listens', () => urlOf(data, pid))]);
  early.catch(() => undefined);
  return { url, pid, ended };
}

/** The records of a server's log. */
export function logOf(data: string): Record<string, unknown>[] {
  const file = join(data, 'logs', 'server.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function urlOf(data: string, pid: number): string | undefined {
  const record = logOf(data).find(({ msg, pid: writer }) => msg === 'serving' && writer === pid);
  return record?.url as string | undefined;
}
