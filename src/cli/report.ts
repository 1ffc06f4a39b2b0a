import { Refusal } from '../orchestra/refusal.ts';
import { UserError } from '../shared/errors.ts';
import { explainParserError, type ParserError } from './command-line-error.ts';
import { Interrupted } from './interruption.ts';
import { createTheme, takesColour } from './render/theme.ts';

/** Exit codes of commands that were not told otherwise by a study. */
export const EXIT_ERROR = 1;
/** Exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT. */
const EXIT_INTERRUPTED = 130;

/**
 * Says on stderr why a command failed and returns its exit code: a line for a mistake of the user or a trouble of
 * the machine, the stack for anything else, nothing where a question was left by Ctrl-C.
 */
export function reportError(error: unknown): number {
  const failure = error as ParserError & { readonly code?: string };
  if (failure.code === 'EEXIT') return failure.oclif?.exit || 0;
  if (failure.name === 'ExitPromptError') return EXIT_INTERRUPTED;
  if (error instanceof Interrupted) return error.exitCode;
  const theme = createTheme(takesColour(process.stderr, process.env));
  process.stderr.write(`${theme.error('error:')} ${describe(failure)}\n`);
  return EXIT_ERROR;
}

/** Warns on stderr of what does not keep a command from being done. */
export function warnAside(line: string): void {
  const theme = createTheme(takesColour(process.stderr, process.env));
  process.stderr.write(`${theme.warning('warning:')} ${line}\n`);
}

function describe(error: ParserError): string {
  if (error instanceof UserError) return error.line;
  if (error instanceof Refusal) return new UserError(error.message, error.mend).line;
  if (error.oclif !== undefined) return explainParserError(error).line;
  return isTroubleOfTheMachine(error)
    ? error.message
    : `this is a bug in maestro, please report it\n${error.stack ?? String(error)}`;
}

/**
 * Codes of the operating system and of SQLite that tell of a disk, a quota, a permission or a lock: their
 * messages name the file, and a stack trace would add nothing that a user could mend.
 */
function isTroubleOfTheMachine(error: Error): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === 'string' &&
    /^(?:EACCES|EPERM|EROFS|ENOSPC|EDQUOT|EIO|ESTALE|EMFILE|ENFILE|ENOMEM|EAGAIN|ENAMETOOLONG|ENOTDIR|ELOOP|ETXTBSY|SQLITE_(?:FULL|IOERR|READONLY|BUSY|CANTOPEN|PROTOCOL|CORRUPT|NOTADB).*)$/.test(
      code,
    )
  );
}
