import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeCancel, encodeCapacity, encodeStart, type StartOrder } from './commands.ts';
import { createRecordReader, type RunnerRecord } from './records.ts';

export type { StartOrder } from './commands.ts';

/** The compiled runner, or the bash script that does the same where there was no C compiler. */
export type RunnerKind = 'native' | 'shell';

/** A runner process and the pipes to it. It lives on when this process ends, until its last step has ended. */
export interface Runner {
  readonly kind: RunnerKind;
  /** Undefined where it could not be started; `onExit` tells why. */
  readonly pid: number | undefined;
  /** Puts the steps at the end of the runner's queue, in this order. */
  start(orders: readonly StartOrder[]): void;
  /** Ends the step, SIGKILL following SIGTERM after `graceMs`; or drops it, if it has not started. */
  cancel(token: string, graceMs: number): void;
  /** Changes how many cores steps may fill, and how many may run at once (0: any number). */
  setCapacity(cores: number, inFlight: number): void;
  /**
   * Says that nothing more will be started: what is queued is dropped, what runs goes on. From now on the runner
   * does not keep this process from ending.
   */
  close(): void;
  /** Calls back with all records that arrived together, oldest first. */
  onRecords(callback: (records: readonly RunnerRecord[]) => void): void;
  /** Calls back once when the runner is gone and all its records have been told; `said` is what it complained of. */
  onExit(callback: (code: number | null, signal: NodeJS.Signals | null, said: string) => void): void;
}

/** What a new runner is given. */
export interface RunnerOptions {
  /** Absolute path of the file to append the records to; its directory exists. */
  readonly recordsFile: string;
  readonly cores: number;
  /** How many steps may run at once; 0 for any number. */
  readonly inFlight: number;
  /** For the steps; this process's own if absent. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The best that is there, if absent. */
  readonly kind?: RunnerKind;
}

const PROJECT = new URL('../../../', import.meta.url);
const NATIVE = fileURLToPath(new URL('build/Release/maestro-runner', PROJECT));
const SHELL = fileURLToPath(new URL('native/runner.sh', PROJECT));

/** More of a runner's complaints than this is not kept. */
const SAID_MAX_CHARS = 4096;

/**
 * Which runner this installation has. `MAESTRO_RUNNER=shell` asks for the shell worker where there are both: for
 * tests, and for a machine on which the native one turns out not to work.
 */
export function availableRunner(): RunnerKind {
  if (process.env.MAESTRO_RUNNER === 'shell') return 'shell';
  try {
    accessSync(NATIVE, constants.X_OK);
    return 'native';
  } catch {
    return 'shell';
  }
}

/** Starts a runner in a session of its own. */
export function startRunner(options: RunnerOptions): Runner {
  const kind = options.kind ?? availableRunner();
  const child = spawnRunner(kind, options);
  const { stdin, stdout, stderr } = child;
  const saying = gather(stderr);
  let capacity = encodeCapacity(options.cores, options.inFlight);
  // A runner that has died is reported by onExit; that it does not read either is no news.
  stdin.on('error', () => undefined);
  const send = (commands: string): void => {
    if (stdin.writable) stdin.write(commands);
  };
  return {
    kind,
    pid: child.pid,
    start: (orders) => {
      if (orders.length > 0) send(orders.map(encodeStart).join(''));
    },
    cancel: (token, graceMs) => send(encodeCancel(token, graceMs)),
    setCapacity: (cores, inFlight) => {
      const wanted = encodeCapacity(cores, inFlight);
      if (wanted !== capacity) send(wanted);
      capacity = wanted;
    },
    close: () => {
      stdin.end();
      child.unref();
      for (const pipe of [stdout, stderr]) if (pipe instanceof Socket) pipe.unref();
    },
    onRecords: (callback) => {
      const read = createRecordReader();
      stdout.on('data', (chunk: Buffer) => {
        const records = read(chunk);
        if (records.length > 0) callback(records);
      });
    },
    onExit: (callback) => {
      let told = false;
      const tell = (code: number | null, signal: NodeJS.Signals | null, said: string): void => {
        if (!told) callback(code, signal, said);
        told = true;
      };
      child.on('error', (error) => tell(null, null, error.message));
      child.on('close', (code, signal) => tell(code, signal, saying().trim()));
    },
  };
}

function spawnRunner(
  kind: RunnerKind,
  options: RunnerOptions,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const { recordsFile, cores, inFlight, environment: env = process.env } = options;
  const [file, ...first] = kind === 'native' ? [NATIVE] : ['bash', SHELL];
  const settings = [recordsFile, String(cores), String(inFlight)];
  return spawn(file!, [...first, ...settings], { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env });
}

/** Keeps the beginning of what a stream says. */
function gather(stream: Readable): () => string {
  let said = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID_MAX_CHARS);
  });
  return () => said;
}
