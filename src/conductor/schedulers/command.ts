import type { Readable } from 'node:stream';
import { execa } from 'execa';

/** Between the SIGTERM and the SIGKILL of a command that has used up its time. Milliseconds. */
const KILL_AFTER_MS = 2_000;

/** What one command may answer, in bytes: more than the states of a hundred thousand jobs. */
const ANSWER_BYTES = 64 * 1024 * 1024;

/** A call of a scheduler's command. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly limitMs: number;
  /** All of it: nothing is added from this process's own. */
  readonly environment: NodeJS.ProcessEnv;
  /** What it reads on its standard input; nothing if absent. */
  readonly input?: string;
  /** Where it is called, absolute; this process's own directory if absent. */
  readonly directory?: string;
}

/** What came of a call. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Ended before it could answer, by its time limit or by somebody else. */
  | { readonly kind: 'cut'; readonly words: string }
  /** Never ran: it is not installed, or this machine starts no process now. */
  | { readonly kind: 'unstarted'; readonly words: string };

/** Runs a command and never rejects; a port, so that tests can stand between us and a scheduler. */
export type RunCommand = (command: Command) => Promise<CommandResult>;

/** Failures to start that pass: the machine is short of processes, memory or files. */
const PASSING = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY']);

/**
 * Runs a command on this machine, in a process group of its own: many sites put a shell script before a scheduler's
 * command, and what such a script has started must not outlive the limit, nor keep the answer open beyond it.
 */
export const runCommand: RunCommand = async ({ program, args, limitMs, environment, input, directory }) => {
  const child = execa(program, [...args], {
    env: environment,
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(directory === undefined ? {} : { cwd: directory }),
    detached: true,
    maxBuffer: ANSWER_BYTES,
    reject: false,
  });
  const limit = limitGroup(child, limitMs);
  const result = await Promise.race([child, limit.passed]).finally(limit.clear);
  if (result === undefined || limit.isPassed()) {
    return { kind: 'cut', words: `${program} took longer than ${limitMs / 1000} s` };
  }
  const { exitCode, stdout, stderr } = result;
  if (result.isMaxBuffer)
    return { kind: 'cut', words: `${program} answered more than ${ANSWER_BYTES} bytes` };
  if (exitCode !== undefined) return { kind: 'exited', code: exitCode, stdout, stderr };
  if (result.signal !== undefined) return { kind: 'cut', words: `${program} was ended by ${result.signal}` };
  return { kind: 'unstarted', words: whyUnstarted(program, result.code) };
};

/** The part of a child process that its end needs. */
interface Child {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  unref(): void;
}

/**
 * Ends a child and all that it has started once its time is over. `passed` resolves when even SIGKILL had its
 * time: what hangs in the kernel, as on a file server that is gone, is left behind.
 */
function limitGroup(child: Child, limitMs: number) {
  let isPassed = false;
  let timer: NodeJS.Timeout;
  const passed = new Promise<undefined>((resolve) => {
    const giveUp = (): void => {
      signalGroup(child, 'SIGKILL');
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      child.unref();
      resolve(undefined);
    };
    timer = setTimeout(() => {
      isPassed = true;
      signalGroup(child, 'SIGTERM');
      timer = setTimeout(giveUp, KILL_AFTER_MS);
    }, limitMs);
  });
  const clear = (): void => {
    clearTimeout(timer);
    if (isPassed) signalGroup(child, 'SIGKILL');
  };
  return { passed, clear, isPassed: () => isPassed };
}

function signalGroup({ pid }: Child, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

function whyUnstarted(program: string, code: string | undefined): string {
  if (code === 'ENOENT') return `${program} is not installed, or not in PATH`;
  const when = PASSING.has(code ?? '') ? 'temporarily cannot' : 'cannot';
  return `this machine ${when} start ${program} (${code ?? 'unknown reason'})`;
}
