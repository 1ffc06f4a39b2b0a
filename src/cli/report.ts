import { UserError } from '../shared/errors.ts';
import { createTheme } from './render/theme.ts';

/** Exit codes of commands that were not told otherwise by a study. */
export const EXIT_ERROR = 1;
export const EXIT_INTERRUPTED = 130;

/** What the parser's own errors look like: a mistake on the command line, or a request to exit. */
interface ParserError extends Error {
  readonly oclif?: { readonly exit?: number | false };
  readonly code?: string;
}

/**
 * Says on stderr why a command failed and returns its exit code: a line for a user's mistake, the stack for
 * anything else, nothing where a question was left by Ctrl-C.
 */
export function reportError(error: unknown): number {
  const failure = error as ParserError;
  if (failure.code === 'EEXIT') return failure.oclif?.exit || 0;
  if (failure.name === 'ExitPromptError') return EXIT_INTERRUPTED;
  process.stderr.write(`${describe(failure)}\n`);
  return EXIT_ERROR;
}

function describe(error: ParserError): string {
  const theme = createTheme(process.stderr.isTTY === true);
  const label = theme.error('error:');
  if (error instanceof UserError) return `${label} ${error.line}`;
  if (error.oclif !== undefined) return `${label} ${tidy(error.message)}`;
  return `${label} this is a bug in maestro, please report it\n${error.stack ?? String(error)}`;
}

/** The parser's messages end in a hint and spread over lines of their own; one paragraph reads better. */
function tidy(message: string): string {
  return message.replace(/\n*See more help with --help/, '; --help shows what there is').trimEnd();
}
