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

/** Runs a command on this machine. */
export const runCommand: RunCommand = async ({ program, args, limitMs, environment, input, directory }) => {
  const result = await execa(program, [...args], {
    env: environment,
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(directory === undefined ? {} : { cwd: directory }),
    timeout: limitMs,
    forceKillAfterDelay: KILL_AFTER_MS,
    maxBuffer: ANSWER_BYTES,
    reject: false,
  });
  const { exitCode, stdout, stderr } = result;
  if (result.isMaxBuffer)
    return { kind: 'cut', words: `${program} answered more than ${ANSWER_BYTES} bytes` };
  if (result.timedOut) return { kind: 'cut', words: `${program} took longer than ${limitMs / 1000} s` };
  if (exitCode !== undefined) return { kind: 'exited', code: exitCode, stdout, stderr };
  if (result.signal !== undefined) return { kind: 'cut', words: `${program} was ended by ${result.signal}` };
  return { kind: 'unstarted', words: whyUnstarted(program, result.code) };
};

function whyUnstarted(program: string, code: string | undefined): string {
  if (code === 'ENOENT') return `${program} is not installed, or not in PATH`;
  const when = PASSING.has(code ?? '') ? 'temporarily cannot' : 'cannot';
  return `this machine ${when} start ${program} (${code ?? 'unknown reason'})`;
}
