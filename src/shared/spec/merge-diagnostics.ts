import type { Diagnostic } from './diagnostic.ts';

/**
 * The diagnostics of several stages of checking, by line and column. What a later stage has to say of a spot
 * is most likely a repetition or a consequence where an earlier one has told something as grave of the very
 * same spot: it is left out.
 */
export function mergeDiagnostics(stages: readonly (readonly Diagnostic[])[]): Diagnostic[] {
  const told = new Map<string, Diagnostic['severity']>();
  const kept = new Map<string, Diagnostic>();
  for (const stage of stages) {
    const fresh = stage.filter((diagnostic) => {
      const before = told.get(spotOf(diagnostic));
      return before === undefined || (before === 'warning' && diagnostic.severity === 'error');
    });
    for (const diagnostic of fresh) {
      const spot = spotOf(diagnostic);
      if (told.get(spot) !== 'error') told.set(spot, diagnostic.severity);
      kept.set(`${spot} ${diagnostic.message}`, diagnostic);
    }
  }
  return [...kept.values()].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}

const spotOf = ({ at }: Diagnostic): string => `${at.file}:${at.line}:${at.column}`;
