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

export function errorAt(at: Location, message: string, mend: string): Diagnostic {
  return { severity: 'error', at, message, mend };
}

export function warningAt(at: Location, message: string, mend: string): Diagnostic {
  return { severity: 'warning', at, message, mend };
}

/** `file:line:column: what is wrong; the mend`; a warning says that it is one. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const kind = diagnostic.severity === 'warning' ? 'warning: ' : '';
  return `${formatLocation(diagnostic.at)}: ${kind}${diagnostic.message}; ${diagnostic.mend}`;
}
