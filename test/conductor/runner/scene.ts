import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EndedRecord, RunnerRecord } from '../../../src/conductor/runner/records.ts';
import { readRecords } from '../../../src/conductor/runner/records-file.ts';
import {
  availableRunner,
  type Runner,
  type RunnerKind,
  type RunnerOptions,
  type StartOrder,
  startRunner,
} from '../../../src/conductor/runner/runner.ts';

/** The runners to be tested, and why not where one cannot be. */
export const RUNNERS: readonly { kind: RunnerKind; skip: string | false }[] = [
  { kind: 'native', skip: availableRunner() === 'native' ? false : 'the native runner is not built here' },
  { kind: 'shell', skip: false },
];

/** How a runner has gone. */
export interface RunnerExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
}

/** A directory of scripts, a runner at work in it, and what that has told. */
export interface Scene {
  readonly directory: string;
  readonly recordsFile: string;
  readonly runner: Runner;
  /** All that the runner has told on its standard output. */
  readonly told: readonly RunnerRecord[];
  readonly exit: Promise<RunnerExit>;
  /** Writes a bash script and makes the order that starts it in a directory of its own, named by the token. */
  order(token: string, body: string, more?: Partial<StartOrder>): StartOrder;
  /** Waits until the runner tells of a step; fails where the step takes another course. */
  hear<Kind extends 'started' | 'ended' | 'failed' | 'dropped'>(
    kind: Kind,
    token: string,
  ): Promise<Extract<RunnerRecord, { kind: Kind }>>;
  /** Starts a step and waits for its end. */
  run(order: StartOrder): Promise<EndedRecord>;
  /** Waits until the records file, or another one, holds such a record. */
  read(isIt: (record: RunnerRecord) => boolean, file?: string): Promise<RunnerRecord>;
  /** What stands in a file of a step's directory. */
  text(token: string, file: string): string;
  /** Makes a pipe by which a script and the test wait for each other. */
  gate(name: string): Gate;
}

/** A named pipe: who reads it waits for who writes it, and the other way round. */
export interface Gate {
  readonly path: string;
  /** Waits until a script writes to it, and returns what. */
  heard(): Promise<string>;
  /** Waits until a script reads it, and lets that go on. */
  open(): Promise<void>;
}

/** Sets a scene that is cleared away after the test, all processes of its runner included. */
export function setScene(context: TestContext, options: Partial<RunnerOptions> = {}): Scene {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-runner-'));
  const recordsFile = options.recordsFile ?? join(directory, 'records');
  const runner = startRunner({ cores: 2, inFlight: 0, ...options, recordsFile });
  const told: RunnerRecord[] = [];
  const listeners = new Set<() => void>();
  runner.onRecords((records) => {
    told.push(...records);
    for (const listener of listeners) listener();
  });
  const exit = new Promise<RunnerExit>((resolve) => {
    runner.onExit((code, signal, said) => resolve({ code, signal, said }));
  });
  // A closed runner does not keep the process alive; the test that waits for it does.
  const watcher = watch(directory);
  context.after(async () => {
    for (const record of told) if (record.kind === 'started') endGroup(record.pid);
    runner.close();
    await exit;
    watcher.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const order: Scene['order'] = (token, body, more = {}) => {
    const step = join(directory, token);
    const script = join(directory, `${token}.sh`);
    mkdirSync(step);
    writeScript(script, body);
    const plain = { cores: 1, gpus: [], walltimeMs: 0, graceMs: 60_000, output: 'step' };
    return { token, directory: step, script, ...plain, ...more };
  };
  const hear: Scene['hear'] = (kind, token) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const about = told.filter((record) => 'token' in record && record.token === token);
        const found = about.find((record) => record.kind === kind);
        const last = about.at(-1);
        if (found !== undefined) resolve(found as never);
        else if (last !== undefined && last.kind !== 'started') {
          reject(new Error(`${token} has not ${kind}: ${JSON.stringify(last)}`));
        } else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  return {
    directory,
    recordsFile,
    runner,
    told,
    exit,
    order,
    hear,
    run: (ordered) => {
      runner.start([ordered]);
      return hear('ended', ordered.token);
    },
    read: (isIt, file = recordsFile) => awaitRecord(file, isIt),
    text: (token, file) => readFileSync(join(directory, token, file), 'utf8'),
    gate: (name) => makeGate(join(directory, name)),
  };
}

/** Waits until a records file holds such a record, by watching the file's directory. */
export function awaitRecord(file: string, isIt: (record: RunnerRecord) => boolean): Promise<RunnerRecord> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(file));
    const look = (): void => {
      const found = readRecords(file, 0).records.find(isIt);
      if (found === undefined) return;
      watcher.close();
      resolve(found);
    };
    watcher.on('change', look);
    look();
  });
}

/** Writes an executable bash script. */
export function writeScript(file: string, body: string): void {
  writeFileSync(file, `#!/bin/bash\n\n${body}\n`);
  chmodSync(file, 0o744);
}

/** The files that a step has left in its directory, by their endings behind the pid. */
export function outputs(directory: string): string[] {
  return readdirSync(directory).sort();
}

/** Makes a gate; its path is safe to stand in a script without quotes. */
function makeGate(path: string): Gate {
  execFileSync('mkfifo', [path]);
  assert.match(path, /^[\w./-]+$/);
  return {
    path,
    heard: () => readFile(path, 'utf8'),
    open: async () => {
      const pipe = await open(path, 'w');
      await writeFile(pipe, 'go\n');
      await pipe.close();
    },
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
