/** Where something stands in a user's file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, the form that terminals and editors turn into a link. */
export function formatLocation(at: Location): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/**
 * A mistake of the user, or a state of the world that only the user can mend. It is shown as its message and
 * its mend, without a stack trace, and ends the command with exit code 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** What to do about it, as a clause that can follow a semicolon; absent where the message says it all. */
  readonly mend: string | undefined;

  constructor(message: string, mend?: string, options?: ErrorOptions) {
    super(message, options);
    this.mend = mend;
  }

  /** One line for a terminal: what is wrong, then the mend. */
  get line(): string {
    return this.mend === undefined ? this.message : `${this.message}; ${this.mend}`;
  }
}
