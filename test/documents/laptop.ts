import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processesWith, signal } from '../e2e/harness.ts';
import { until } from '../e2e/until.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const TERMINAL = fileURLToPath(new URL('../e2e/terminal.py', import.meta.url));

/** What a user types when the screen shows something. */
export type Answers = readonly (readonly [prompt: RegExp, answer: string])[];

/** How what was typed has gone. */
export interface Typed {
  readonly code: number;
  /** What the terminal has shown, without its control sequences. */
  readonly screen: string;
}

/** A machine on which somebody follows a document: a home, a clone, and `maestro` on the path. */
export interface Laptop {
  /** Where the document's commands are typed. */
  readonly directory: string;
  /** Types commands at a terminal, answers what they ask, and waits until they have ended. */
  type(commands: string, answers?: Answers): Promise<Typed>;
  /** Types commands in another terminal, and waits until the screen shows something; they go on. */
  leave(commands: string, shown: RegExp): Promise<RegExpExecArray>;
  /** From here on commands have this in their environment. */
  set(name: string, value: string): void;
}

/** Makes one, which is gone with all that runs on it when the test ends. */
export function makeLaptop(test: TestContext, environment: NodeJS.ProcessEnv = {}): Laptop {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-laptop-')));
  const [directory, home, bin] = ['clone', 'home', 'bin'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [directory, home, bin]) mkdirSync(made);
  symlinkSync(join(PROJECT, 'samples'), join(directory, 'samples'));
  // A port that is free: others may serve a cluster on this machine, too.
  const command = `case "$1 $2" in 'orchestra serve') set -- "$@" --port 0 ;; esac\nexec "${process.execPath}" "${PROJECT}bin/maestro.js" "$@"\n`;
  writeFileSync(join(bin, 'maestro'), `#!/bin/sh\n${command}`, { mode: 0o755 });
  const marker = `XDG_STATE_HOME=${join(root, 'state')}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...environment,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    XDG_STATE_HOME: join(root, 'state'),
    TERM: 'xterm',
    NO_COLOR: '1',
    NODE_TEST_CONTEXT: undefined,
    NODE_OPTIONS: undefined,
    CI: undefined,
  };
  test.after(async () => {
    await until('all that ran on the laptop is gone', () => killAll(marker) === 0);
    rmSync(root, { recursive: true, force: true });
  });
  const start = (commands: string, answers: Answers) => {
    const child = spawn('python3', [TERMINAL, 'bash', '-e', '-c', commands], { cwd: directory, env });
    const terminal = { screen: '', changed: () => {} };
    // Each prompt is answered once: it is drawn again with every key.
    const open = [...answers];
    const see = (chunk: Buffer): void => {
      terminal.screen = plain(terminal.screen + chunk.toString());
      const asked = open.findIndex(([prompt]) => prompt.test(terminal.screen));
      if (asked >= 0) child.stdin.write(`${open.splice(asked, 1)[0]![1]}\r`);
      terminal.changed();
    };
    child.stdout.on('data', see);
    child.stderr.on('data', see);
    return { child, terminal };
  };
  return {
    directory,
    async type(commands, answers = []) {
      const { child, terminal } = start(commands, answers);
      const [code] = await once(child, 'close');
      return { code, screen: terminal.screen };
    },
    async leave(commands, shown) {
      const { child, terminal } = start(commands, []);
      return await new Promise((resolve, reject) => {
        terminal.changed = () => {
          const found = shown.exec(terminal.screen);
          if (found !== null) resolve(found);
        };
        child.once('close', () => reject(new Error(`${commands} has ended: ${terminal.screen}`)));
      });
    },
    set(name, value) {
      env[name] = value;
    },
  };
}

/** Text as it can be read: without control sequences, and with lines that end as elsewhere. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys begins with one.
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]/g, '').replaceAll('\r\n', '\n');
}

function killAll(marker: string): number {
  const pids = processesWith(marker);
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids.length;
}

/** Which tools of the sample's containers are missing here; false: none. */
export function missingForCluster(): string | false {
  const absent = ['bwrap', 'busybox'].filter((program) => !isInstalled(program));
  return absent.length === 0 ? false : `left out: ${absent.join(', ')} not installed`;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
