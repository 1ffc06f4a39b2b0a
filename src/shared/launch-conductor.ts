import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from './errors.ts';
import { giveWay } from './give-way.ts';
import { parseHandshake } from './handshake.ts';
import { studyFileName } from './prepare/naming.ts';
import { quoteForShell } from './quote-for-shell.ts';
import { readSummary } from './state/queries.ts';
import { openStore } from './state/store.ts';

/** The program that conducts: always the built one, since it outlives whoever starts it from the sources. */
const DETACHED = fileURLToPath(new URL('../../dist/conductor/detached.js', import.meta.url));

/** How the log of a launched conductor is to be written. */
export interface LaunchOptions {
  /** 1 debug to 5 critical. */
  readonly logLevel: number;
  /** Default `logs/<name>.log` in the study directory. */
  readonly logFile?: string;
  /** Of the conductor and of all that it starts. Default this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Whether it and all that it starts on this machine give way to others. Default no. */
  readonly givesWay?: boolean;
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
  { logLevel, logFile, environment = process.env, givesWay = false }: LaunchOptions,
): Promise<{ readonly pid: number }> {
  const outputFile = join(directory, `${studyFileName(nameOf(directory))}.txt`);
  const output = openSync(outputFile, 'a', 0o644);
  const args = [DETACHED, directory, String(logLevel), ...(logFile === undefined ? [] : [logFile])];
  // Node's own spawn: execa is for children that end before their parent.
  const child = spawn(process.execPath, args, {
    detached: true,
    env: environment,
    stdio: ['ignore', output, output, 'pipe'],
  });
  closeSync(output);
  if (givesWay && child.pid !== undefined) giveWay(child.pid);
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
