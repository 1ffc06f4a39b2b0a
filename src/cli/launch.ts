import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conduct, exitCodeOf } from '../conductor/main.ts';
import { UserError } from '../shared/errors.ts';
import { parseHandshake } from '../shared/handshake.ts';
import { studyFileName } from '../shared/prepare/naming.ts';
import { readSummary } from '../shared/state/queries.ts';
import type { StepState } from '../shared/state/states.ts';
import { openStore } from '../shared/state/store.ts';
import { quoteForShell } from './render/shell.ts';

/** How the log of a launched conductor is to be written. */
export interface LaunchOptions {
  /** 1 debug to 5 critical. */
  readonly logLevel: number;
  /** Default `logs/<name>.log` in the study directory. */
  readonly logFile?: string;
}

/**
 * How long a conductor may take to hold the lease: a store with a million steps on a slow file system takes
 * seconds, and a lock left by a dead host as long as SQLite waits for it.
 */
const HANDSHAKE_MS = 60_000;

/**
 * Starts a conductor that outlives this process and terminal, and waits until it holds the lease. Throws a
 * UserError with the conductor's own reason where it does not get that far.
 */
export async function launchConductor(
  directory: string,
  { logLevel, logFile }: LaunchOptions,
): Promise<{ readonly pid: number }> {
  const outputFile = join(directory, `${studyFileName(nameOf(directory))}.txt`);
  const output = openSync(outputFile, 'a', 0o644);
  const program = fileURLToPath(new URL('../conductor/detached.js', import.meta.url));
  const args = [program, directory, String(logLevel), ...(logFile === undefined ? [] : [logFile])];
  // Node's own spawn: execa is for children that end before their parent.
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output, 'pipe'] });
  closeSync(output);
  const answer = await new Promise<string | undefined>((resolve, reject) => {
    child.once('error', ({ message }) => reject(new UserError(`no conductor can be started: ${message}`)));
    void firstLine(child.stdio[3] as NodeJS.ReadableStream).then(resolve);
  });
  const handshake = parseHandshake(answer ?? '');
  child.unref();
  if (handshake?.kind === 'started') return { pid: handshake.pid };
  if (handshake?.kind === 'failed') throw new UserError(handshake.message);
  if (answer === undefined) {
    const mend = `look whether it comes: maestro conductor --status ${quoteForShell(directory)}`;
    throw new UserError(`the conductor (process ${child.pid}) has not started yet`, mend);
  }
  throw new UserError('the conductor ended before it had started', `its output is in ${outputFile}`);
}

function nameOf(directory: string): string {
  const store = openStore(directory);
  try {
    return readSummary(store).name;
  } finally {
    store.close();
  }
}

/** The first line that comes, or all there was when the stream ended; undefined once the bound is reached. */
function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (answer: string | undefined): void => {
      clearTimeout(timer);
      stream.removeAllListeners();
      (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(undefined), HANDSHAKE_MS);
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) finish(text);
    });
    stream.on('end', () => finish(text));
    stream.on('error', () => finish(text));
  });
}

/** One step's change of state, as the foreground shows it. */
export interface ShownChange {
  readonly name: string;
  readonly from: StepState;
  readonly to: StepState;
  readonly why: string;
}

/** What a conductor in this process does beyond its log. */
export interface ForegroundOptions extends LaunchOptions {
  readonly logToStdout: boolean;
  readonly onProgress: (progress: {
    readonly counts: ReadonlyMap<StepState, number>;
    readonly total: number;
    readonly changes: readonly ShownChange[];
  }) => void;
}

/**
 * Conducts in this process until the study ends: 0 finished, 2 failures, 3 cancelled, 1 it could not go on,
 * 130 interrupted (then `maestro resume` goes on).
 */
export async function conductInForeground(directory: string, options: ForegroundOptions): Promise<number> {
  const { logLevel, logFile, logToStdout, onProgress } = options;
  const ending = await conduct({
    directory,
    logLevel,
    ...(logFile === undefined ? {} : { logFile }),
    logToStdout,
    onProgress: ({ counts, total, transitions }, nameOf) => {
      const changes = transitions.map(({ step, from, to, why }) => ({ name: nameOf(step), from, to, why }));
      onProgress({ counts, total, changes });
    },
  });
  if (ending.kind === 'stopped') return 130;
  if (ending.kind === 'troubled')
    throw new UserError(ending.why, `maestro resume ${directory} goes on from here`);
  return exitCodeOf(ending);
}
