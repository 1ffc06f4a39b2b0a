import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** The command line as users start it. */
export const MAESTRO = join(project, 'bin', 'maestro.js');

/** What a finished process has used. */
export interface Usage {
  readonly seconds: number;
  /** User and system time: what it takes on a machine that does nothing else, where no disk is waited for. */
  readonly processorSeconds: number;
  readonly peakBytes: number;
  readonly stdout: string;
}

/** A place for one benchmark's files. */
export interface Scratch {
  readonly directory: string;
  /** The environment for the program: the user's list of studies is not to know of benchmarks. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Calls `work` with a scratch directory that is removed afterwards. It lies in the project's build directory, not
 * in /tmp, which may be memory; $MAESTRO_BENCH_DIR names another disk.
 */
export async function withScratch<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const parent = process.env.MAESTRO_BENCH_DIR ?? join(project, 'build', 'bench');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'run-'));
  try {
    const env = { ...process.env, XDG_STATE_HOME: join(directory, 'state'), NO_COLOR: '1' };
    return await work({ directory, env });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs a command to its end and tells what it used.
 *
 * @throws Error with the end of its output if it does not exit with 0
 */
export function use(command: readonly string[], options: SpawnSyncOptions = {}): Usage {
  const { status, stdout, stderr, output, error } = spawnSync(
    'python3',
    [fileURLToPath(new URL('usage.py', import.meta.url)), ...command],
    {
      ...options,
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`python3 has failed: ${tail(stderr)}`);
  const usage: Usage & { code: number } = JSON.parse(output[3] ?? '');
  if (usage.code !== 0)
    throw new Error(`${command.join(' ')} has ended with ${usage.code}: ${tail(stderr || stdout)}`);
  return { ...usage, stdout };
}

function tail(output: string): string {
  return output.trim().split('\n').slice(-3).join(' / ');
}

/** Writes what earlier work has left in memory to the disk, so that a measurement does not pay for it. */
export function settle(): void {
  spawnSync('sync');
}

/** The middle one of some numbers; of an even count the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** Seconds, for the figures behind a ratio. */
export function inSeconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
