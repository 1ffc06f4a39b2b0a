import { isAbsolute, relative } from 'node:path';
import { type Diagnostic, formatDiagnostic } from '../shared/spec/diagnostic.ts';
import { printAside } from './output.ts';

/** Says on stderr what was found in a specification, a line each, in the order of the file. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    const file = shortPath(diagnostic.at.file, process.cwd());
    printAside(formatDiagnostic({ ...diagnostic, at: { ...diagnostic.at, file } }));
  }
}

/** A path below the current directory as the user would type it; any other in full. */
export function shortPath(file: string, from: string): string {
  const short = relative(from, file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
}

/** A diagnostic as `--json` shows it. */
export function flatDiagnostic({ severity, at, message, mend }: Diagnostic): Record<string, unknown> {
  return { severity, ...at, message, mend };
}
