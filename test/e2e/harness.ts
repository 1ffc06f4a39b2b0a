import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { evidenceBelow } from './evidence.ts';
import { openStudy, type StudyUnderTest } from './study-under-test.ts';
import { until } from './until.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** How a command went. */
export interface Outcome {
  /** The exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
}

/** What a command is given beside its arguments. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program to run the command under, such as `['prlimit', '--nofile=64']`. */
  readonly under?: readonly string[];
  /** What its standard input holds; nothing by default. */
  readonly input?: string;
}

/** A step as tests write it: its command, and whatever else stands in `run`. */
export type StepOfTest = { readonly name: string; readonly cmd: string } & Readonly<Record<string, unknown>>;

/** A directory of a test's own, and the program as a user would call it there. */
export interface Place {
  readonly directory: string;
  /** Absolute path of something here. */
  path(...parts: string[]): string;
  /** Runs a command of maestro to its end. */
  maestro(args: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /** Starts a command of maestro. */
  start(args: readonly string[], options?: CommandOptions): Running;
  /** Writes a specification and answers its file. */
  specification(steps: readonly StepOfTest[], rest?: Readonly<Record<string, unknown>>): string;
  /** Starts a detached study in `out` and answers it once the conductor has said that it has started. */
  launch(specification: string, args?: readonly string[], options?: CommandOptions): Promise<StudyUnderTest>;
  /** A study directory here. */
  study(name?: string): StudyUnderTest;
  /** Pids of everything that was started here and still lives. */
  processes(): number[];
  /** Mounts an empty file system in memory at a directory here, and answers its path. */
  mountTiny(name: string, megabytes: number): string;
}

/**
 * Makes a place that is gone, with every process that was started in it, when the test ends. Its name has a space
 * and a quote: so has many a user's directory.
 */
export function makePlace(test: TestContext, name = "it's here"): Place {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-e2e-')));
  const directory = join(root, name);
  mkdirSync(directory);
  // All that is started here inherits this variable, and can be found by it.
  const marker = `XDG_STATE_HOME=${join(root, 'state')}`;
  const mounts: string[] = [];
  test.after(async () => {
    await until('all processes of the test are gone', () => killAll(marker).length === 0);
    if (hasFailed(test)) test.diagnostic(evidenceBelow(directory));
    // What a killed process had open there is closed a moment after the process is gone.
    for (const mount of mounts) {
      await until(`${mount} is idle`, () => spawnSync('umount', [mount]).status === 0);
    }
    rmSync(root, { recursive: true, force: true });
  });
  const start = (args: readonly string[], options: CommandOptions = {}): Running =>
    startCommand(args, { cwd: directory, ...options, env: { ...options.env, ...entryOf(marker) } });
  const maestro = (args: readonly string[], options?: CommandOptions) => start(args, options).ended;
  const study = (out = 'out') => openStudy(join(directory, out));
  return {
    directory,
    path: (...parts) => join(directory, ...parts),
    start,
    maestro,
    specification: (steps, rest) => writeSpecification(join(directory, 'study.yaml'), steps, rest),
    async launch(specification, args = [], options = {}) {
      const outcome = await maestro(['run', '-y', '-o', 'out', ...args, specification], options);
      if (outcome.code !== 0) throw new Error(`the study was not launched: ${outcome.stderr}`);
      return study();
    },
    study,
    processes: () => processesWith(marker),
    mountTiny(name, megabytes) {
      const mount = join(directory, name);
      mkdirSync(mount);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', mount]);
      mounts.push(mount);
      return mount;
    },
  };
}

/** Node tells since 20.12; what types it has does not say so. */
function hasFailed(test: TestContext & { readonly passed?: boolean }): boolean {
  return test.passed === false;
}

/** Why this machine cannot mount file systems for a test; false where it can. */
export function noMounts(): string | false {
  const at = mkdtempSync(join(tmpdir(), 'maestro-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'pipe' });
    execFileSync('umount', [at]);
    return false;
  } catch {
    return 'only root can mount the small file systems on which a full disk and a read-only one are tried';
  } finally {
    rmSync(at, { recursive: true });
  }
}

function entryOf(marker: string): Record<string, string> {
  const at = marker.indexOf('=');
  return { [marker.slice(0, at)]: marker.slice(at + 1) };
}

function startCommand(args: readonly string[], { cwd, env, under = [], input }: CommandOptions): Running {
  const [file, ...rest] = [...under, process.execPath, join(PROJECT, 'bin/maestro.js'), ...args];
  const child = execa(file!, rest, {
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      NODE_ENV: undefined,
      NODE_OPTIONS: undefined,
      NODE_TEST_CONTEXT: undefined,
      NO_COLOR: '1',
      ...env,
    },
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    reject: false,
    stripFinalNewline: false,
  });
  const ended = child.then(({ exitCode, signal, stdout, stderr }): Outcome => {
    const code = exitCode ?? 128 + (signal === 'SIGKILL' ? 9 : 15);
    return { code, stdout, stderr };
  });
  return { pid: child.pid ?? 0, ended };
}

/** Writes a specification of steps, by default a local study named `trial`, and answers its file. */
function writeSpecification(
  file: string,
  steps: readonly StepOfTest[],
  rest: Readonly<Record<string, unknown>> = {},
): string {
  const study = steps.map(({ name, cmd, ...run }) => ({ name, description: name, run: { cmd, ...run } }));
  mkdirSync(dirname(file), { recursive: true });
  const description = { name: 'trial', description: 'a study of a test' };
  writeFileSync(file, stringify({ description, ...rest, study }, { version: '1.1' }));
  return file;
}

/** Kills what carries the marker, and answers what was there to be killed. */
function killAll(marker: string): number[] {
  const pids = processesWith(marker);
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids;
}

/** Sends a signal; false where there is no such process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Whether a process lives; one that has ended and that nobody has asked about (a zombie) does not. */
export function isThere(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}

/** Pids of the processes with this entry in their environment; zombies have none. */
export function processesWith(entry: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && `\0${environmentOf(pid)}`.includes(`\0${entry}\0`));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
