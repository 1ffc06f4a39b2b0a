import type { Command, CommandResult } from './command.ts';

/** A call of a command that submits one job. */
export interface SubmitCall {
  readonly args: readonly string[];
  /** What it reads on its standard input, in ASCII: bash counts characters, whatever they are to the user. */
  readonly input?: string;
}

/**
 * Calls a command once for each list of arguments, one after the other. Starting a process costs Node as much as
 * a submission takes; bash starts hundreds in that time. The text is the same for all submissions: what differs
 * comes as arguments, each list with its length before it, and no word of it is read by the shell. What the calls
 * read stands on the lane's own standard input, one behind the other, and each one's length among the arguments.
 *
 * Behind each answer stands the exit code between NULs, and a NUL behind each complaint. A failure that took
 * long is a scheduler that does not answer: the rest would wait as long, and is not tried.
 */
const LANE = `
patience=$1
shift
while (($# > 0)); do
  length=$1 count=$2 began=$SECONDS
  shift 2
  if ((length > 0)); then
    IFS= read -r -N "$length" input || break
    printf %s "$input" 2>/dev/null | "$0" "\${@:1:count}"
  else
    "$0" "\${@:1:count}" </dev/null
  fi
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

/** A refusal takes milliseconds, even of a busy scheduler; one that cannot be reached takes many seconds. */
const SLOW_FAILURE_SECONDS = 3;

/**
 * What to run to have these calls made. `-p` keeps bash from reading the file that BASH_ENV names and from taking
 * functions out of the environment, which goes on to the jobs as it is; `--norc` from reading ~/.bashrc, which it
 * would take to be wanted where its input is a socket, as Node's pipes are.
 */
export function laneCommand(
  program: string,
  calls: readonly SubmitCall[],
  patienceSeconds = SLOW_FAILURE_SECONDS,
): Pick<Command, 'program' | 'args' | 'input'> {
  const words = calls.flatMap(({ args, input = '' }) => [String(input.length), String(args.length), ...args]);
  const input = calls.map((call) => call.input ?? '').join('');
  return {
    program: 'bash',
    args: ['--norc', '-p', '-c', LANE, program, String(patienceSeconds), ...words],
    ...(input === '' ? {} : { input }),
  };
}

/** What each of that many calls came to; undefined for those that were not made, since the lane ended early. */
export function readLane(
  program: string,
  result: CommandResult,
  calls: number,
): (CommandResult | undefined)[] {
  // Of a lane that was cut off nobody knows how far it got.
  if (result.kind !== 'exited') {
    const open: CommandResult = { ...result, words: `submitting with ${program}: ${result.words}` };
    return Array.from({ length: calls }, () => open);
  }
  const answers = result.stdout.split('\0');
  const complaints = result.stderr.split('\0');
  return Array.from({ length: calls }, (_, index) => {
    const code = answers[index * 2 + 1];
    return code === undefined
      ? undefined
      : finished(program, Number(code), answers[index * 2]!, complaints[index] ?? '');
  });
}

function finished(program: string, code: number, stdout: string, stderr: string): CommandResult {
  if (code === NOT_FOUND) return { kind: 'unstarted', words: `${program} is not installed, or not in PATH` };
  if (code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL) {
    return { kind: 'cut', words: `${program} was ended by signal ${code - SIGNALLED}` };
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
