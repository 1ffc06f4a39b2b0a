import { formatLocation, type Location } from '../errors.ts';

/** One thing found in a specification: an error stops the study, a warning does not. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly at: Location;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** A mistake that keeps the specification from being used. The mend is a clause. */
export function errorAt(at: Location, message: string, mend: string): Diagnostic {
  return { severity: 'error', at, message, mend };
}

/** Something that is probably not meant, and does no harm. The mend is a clause. */
export function warningAt(at: Location, message: string, mend: string): Diagnostic {
  return { severity: 'warning', at, message, mend };
}

/**
 * `file:line:column: what is wrong; the mend`; a warning says that it is one. Always one line, and nothing in
 * it that a terminal would obey, whatever the specification holds.
 */
export function formatDiagnostic({ severity, at, message, mend }: Diagnostic): string {
  const kind = severity === 'warning' ? 'warning: ' : '';
  return `${formatLocation(at)}: ${kind}${message}; ${mend}`.replace(/\p{Cc}+/gu, ' ');
}
