import type { SpecPath } from '../../spec/specification.ts';

/**
 * Something in a step's text that no good script can be made of. It is told without file or step, since a
 * step's text comes from many combinations: whoever knows the step adds its name, and finds the line by
 * `block` and `path`.
 */
export interface ScriptProblem {
  /** With an error the scripts are not fit to run; a warning only says what may surprise. */
  readonly severity: 'error' | 'warning';
  /** What is wrong. */
  readonly message: string;
  /** What to do about it, as a clause that can follow a semicolon. */
  readonly mend: string;
  /** Whether `path` starts at the step (`['run', 'cmd']`) or at the batch block (`['nodes']`). */
  readonly block: 'step' | 'batch';
  readonly path: SpecPath;
}

/** Takes the problems as they are found, so that one reading finds all of them. */
export type Report = (problem: ScriptProblem) => void;
