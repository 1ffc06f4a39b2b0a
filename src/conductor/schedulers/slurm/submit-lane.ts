import type { CommandResult } from '../command.ts';
import { SLOW_FAILURE_SECONDS } from './bounds.ts';

/**
 * Calls sbatch once for each list of arguments, one after the other. Starting a process costs Node as much as
 * sbatch takes; bash starts hundreds in that time. The text is the same for all submissions: what differs comes as
 * arguments, each list with its length before it, and no word of it is read by the shell.
 *
 * Behind each answer stands the exit code between NULs, and a NUL behind each complaint. A failure that took
 * long is a controller that does not answer: the rest would wait as long, and is not tried.
 */
const LANE = `
patience=$1
shift
while (($# > 0)); do
  count=$1 began=$SECONDS
  shift
  sbatch "\${@:1:count}"
  code=$?
  printf '\\0%d\\0' "$code"
  printf '\\0' >&2
  shift "$count"
  if ((code != 0 && SECONDS - began >= patience)); then break; fi
done`;

/** Bash's code for a program that it cannot find, and the one that it adds a signal's number to. */
const NOT_FOUND = 127;
const SIGNALLED = 128;
const LAST_SIGNAL = 64;

/**
 * The program and the arguments that make these calls. `-p` keeps bash from reading the file that BASH_ENV names and
 * from taking functions out of the environment, which goes on to the jobs as it is.
 */
export function laneCommand(
  calls: readonly (readonly string[])[],
  patienceSeconds = SLOW_FAILURE_SECONDS,
): {
  readonly program: string;
  readonly args: readonly string[];
} {
  return {
    program: 'bash',
    args: [
      '-p',
      '-c',
      LANE,
      'sbatch',
      String(patienceSeconds),
      ...calls.flatMap((args) => [String(args.length), ...args]),
    ],
  };
}

/** What each of that many calls came to; undefined for those that were not made, since the lane ended early. */
export function readLane(result: CommandResult, calls: number): (CommandResult | undefined)[] {
  // Of a lane that was cut off nobody knows how far it got.
  if (result.kind !== 'exited') {
    const open: CommandResult = { ...result, words: `submitting with sbatch: ${result.words}` };
    return Array.from({ length: calls }, () => open);
  }
  const answers = result.stdout.split('\0');
  const complaints = result.stderr.split('\0');
  return Array.from({ length: calls }, (_, index) => {
    const code = answers[index * 2 + 1];
    return code === undefined
      ? undefined
      : finished(Number(code), answers[index * 2]!, complaints[index] ?? '');
  });
}

function finished(code: number, stdout: string, stderr: string): CommandResult {
  if (code === NOT_FOUND) return { kind: 'unstarted', words: 'sbatch is not installed, or not in PATH' };
  if (code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL) {
    return { kind: 'cut', words: `sbatch was ended by signal ${code - SIGNALLED}` };
  }
  return { kind: 'exited', code, stdout, stderr };
}

/** Shares calls out to lanes, in their order: as many lanes as there may be, none longer than it must be. */
export function shareOut<Item>(items: readonly Item[], lanes: number, longest: number): Item[][] {
  const size = Math.min(longest, Math.ceil(items.length / lanes));
  const shares: Item[][] = [];
  for (let at = 0; at < items.length; at += size) shares.push(items.slice(at, at + size));
  return shares;
}
