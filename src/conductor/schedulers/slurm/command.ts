import { execa } from 'execa';
import { ANSWER_BYTES, KILL_AFTER_MS } from './bounds.ts';

/** A call of one of Slurm's commands. */
export interface Command {
  readonly program: 'sbatch' | 'squeue' | 'sacct' | 'scancel' | 'scontrol' | 'sinfo' | 'sacctmgr';
  readonly args: readonly string[];
  readonly limitMs: number;
  /** All of it: nothing is added from this process's own. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What came of a call. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Ended before it could answer, by its time limit or by somebody else. */
  | { readonly kind: 'cut'; readonly words: string }
  /** Never ran: it is not installed, or this machine starts no process now. */
  | { readonly kind: 'unstarted'; readonly words: string };

/** Runs a command and never rejects; a port, so that tests can stand between us and a Slurm. */
export type RunCommand = (command: Command) => Promise<CommandResult>;

/** Failures to start that pass: the machine is short of processes, memory or files. */
const PASSING = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY']);

/** Runs a command on this machine. */
export const runCommand: RunCommand = async ({ program, args, limitMs, environment }) => {
  const result = await execa(program, [...args], {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
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
