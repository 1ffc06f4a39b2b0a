import type { Diagnostic } from '../spec/diagnostic.ts';
import type { SpecPath } from '../spec/specification.ts';

/** Something found in a study, and where in its specification. */
export interface Finding {
  readonly severity: Diagnostic['severity'];
  /** The node that it was found at. */
  readonly path: SpecPath;
  /** What in that node's text is meant, where it is not all of it. */
  readonly text?: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** Takes what is found, as it is found. */
export type Report = (finding: Finding) => void;
