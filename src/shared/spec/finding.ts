import type { Diagnostic } from './diagnostic.ts';
import type { SpecPath } from './specification.ts';

/** Something found in the tree of a specification, before it is known on which line that is. */
export interface Finding {
  readonly severity: Diagnostic['severity'];
  readonly path: SpecPath;
  /** Whether to point at the key rather than at its value. */
  readonly atKey: boolean;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}
