import { resolve } from 'node:path';
import { buildContent } from './build.ts';
import { checkSpecification } from './check.ts';
import { checkIdle } from './check-idle.ts';
import { checkNumbers } from './check-numbers.ts';
import { checkSchema } from './check-schema.ts';
import { type Diagnostic, errorAt } from './diagnostic.ts';
import { type Document, readDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { keyOffsetOf, offsetOf, type Source } from './locate.ts';
import { mergeDiagnostics } from './merge-diagnostics.ts';
import { readText } from './read-file.ts';
import type { Specification, SpecPath } from './specification.ts';
import type { Tree } from './tree.ts';

/** A specification, unless there are errors among the diagnostics, which stand in the order of the file. */
export interface Reading {
  readonly specification: Specification | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a specification and tells everything that is wrong with it in one go. Diagnostics name the file as it
 * was given.
 *
 * @param file Path of the specification, absolute or from the current directory.
 * @param text Its text, where it is known already; else the file is read.
 */
export function readSpecification(file: string, text?: string): Reading {
  const read = text === undefined ? readText(file) : ({ kind: 'text', text } as const);
  if (read.kind === 'problem') {
    return {
      specification: undefined,
      diagnostics: [errorAt({ file, line: 1, column: 1 }, read.message, read.mend)],
    };
  }
  const document = readDocument(read.text);
  const broken = document.problems.map(({ offset, message, mend }) =>
    errorAt({ file, ...document.position(offset) }, message, mend),
  );
  if (document.tree === undefined)
    return { specification: undefined, diagnostics: mergeDiagnostics([broken]) };
  const { specification, stages } = examine(file, read.text, document.tree, document.position);
  const diagnostics = mergeDiagnostics([broken, ...stages]);
  const isSound = diagnostics.every(({ severity }) => severity === 'warning');
  return { specification: isSound ? specification : undefined, diagnostics };
}

interface Examination {
  readonly specification: Specification;
  readonly stages: readonly (readonly Diagnostic[])[];
}

/** Checks the shape of a specification, then how it is written, then what it says. */
function examine(file: string, text: string, tree: Tree, position: Document['position']): Examination {
  const source: Source = { text, tree };
  const locate = (path: SpecPath, within?: string) => ({ file, ...position(offsetOf(source, path, within)) });
  const tell = ({ severity, path, atKey, message, mend }: Finding): Diagnostic => {
    const at = atKey ? { file, ...position(keyOffsetOf(source, path)) } : locate(path);
    return { severity, at, message, mend };
  };
  const specification: Specification = { file: resolve(file), text, ...buildContent(tree), locate };
  const shape = checkSchema(tree).map(tell);
  const writing = [...checkIdle(tree), ...checkNumbers(tree)].map(tell);
  return { specification, stages: [shape, writing, checkSpecification(specification)] };
}
