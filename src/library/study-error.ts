import { UserError } from '../shared/errors.ts';
import { type Diagnostic, formatDiagnostic } from '../shared/spec/diagnostic.ts';

/**
 * Why something cannot be done with a study, as a word that programs can rely on.
 *
 * - `bad-specification`: what is wrong, and where, stands in the error's `diagnostics`;
 * - `directory-exists`: something stands where the study directory is to be, and may not be replaced;
 * - `no-study`: the directory is no study's;
 * - `not-conducted`: nobody conducts the study any more, and it has not ended; `resume` goes on;
 * - `has-ended`: there is nothing more to cancel, pause or resume;
 * - `no-such-step`: no step matches what was chosen;
 * - `refused`: none of the steps chosen can be run again; the message says why;
 * - `not-answered`: the request is left in the study directory and will be taken, but was not in time;
 * - `impossible`: anything else that only the user can mend, as the message says.
 */
export type StudyErrorCode =
  | 'bad-specification'
  | 'directory-exists'
  | 'no-study'
  | 'not-conducted'
  | 'has-ended'
  | 'no-such-step'
  | 'refused'
  | 'not-answered'
  | 'impossible';

/** What keeps a study from being loaded, run, watched or changed. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
  readonly code: StudyErrorCode;
  /** What to do about it, as a clause; undefined where the message says it all. */
  readonly mend: string | undefined;
  /** What is wrong with the specification; empty for every other code. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: StudyErrorCode, message: string, mend?: string, options?: ErrorOptions) {
    super(mend === undefined ? message : `${message}; ${mend}`, options);
    this.code = code;
    this.mend = mend;
    this.diagnostics = [];
  }

  /** The error of a specification: a line `file:line:column: what is wrong; the mend` for each diagnostic. */
  static ofSpecification(diagnostics: readonly Diagnostic[]): StudyError {
    const error = new StudyError('bad-specification', diagnostics.map(formatDiagnostic).join('\n'));
    return Object.assign(error, { diagnostics });
  }
}

/** Does something, and throws a StudyError in place of a UserError, which has no code. */
export async function withCodes<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw coded(error);
  }
}

/** A StudyError in place of a UserError; anything else as it is. */
export function coded(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  return new StudyError('impossible', error.message, error.mend, { cause: error });
}
