import { constants } from 'node:os';
import type { AttemptRow } from '../../shared/state/queries.ts';

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    // SIGABRT and SIGIO have second names of old, which come later.
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** What a signal tells, where it tells anything. */
const SIGNAL_MEANINGS: Readonly<Record<string, string>> = {
  SIGKILL: 'it was killed; the kernel does that where memory runs out',
  SIGTERM: 'it was asked to end',
  SIGSEGV: 'the program touched memory that is not its own',
  SIGBUS: 'the program touched memory or a part of a file that is not there',
  SIGABRT: 'the program gave up by itself, as by a failed assertion',
  SIGFPE: 'the program divided by zero, or the like',
  SIGILL: 'the program has instructions that this processor does not know',
  SIGXCPU: 'it reached a limit of CPU time',
  SIGXFSZ: 'it reached a limit of file size',
  SIGPIPE: 'it wrote to a program that no longer read',
  SIGHUP: 'its terminal or session went away',
};

/** Codes that shells give a meaning; those above 128 tell of a signal. */
const CODE_MEANINGS: Readonly<Record<number, string>> = {
  126: 'a command that it calls may not be executed',
  127: 'a command that it calls was not found',
};

/** The least exit code by which a shell tells that a signal has ended a command of it. */
const SIGNAL_BASE = 128;

/** How a process ended, in words; undefined where that is not known. */
export function endingWords({
  exitCode,
  signal,
}: Pick<AttemptRow, 'exitCode' | 'signal'>): string | undefined {
  if (signal !== null) return `ended by ${signalText(signal)}`;
  if (exitCode === null) return undefined;
  const number = exitCode - SIGNAL_BASE;
  if (SIGNAL_NAMES.has(number))
    return `exit code ${exitCode}: a command of it was ended by ${signalText(number)}`;
  const meaning = CODE_MEANINGS[exitCode];
  return meaning === undefined ? `exit code ${exitCode}` : `exit code ${exitCode}: ${meaning}`;
}

function signalText(signal: number): string {
  const name = SIGNAL_NAMES.get(signal);
  if (name === undefined) return `signal ${signal}`;
  const meaning = SIGNAL_MEANINGS[name];
  return meaning === undefined ? `${name} (signal ${signal})` : `${name} (signal ${signal}): ${meaning}`;
}
