import { LineCounter, type ParsedNode, parseAllDocuments } from 'yaml';
import { type Problem, syntaxProblems } from './syntax-problems.ts';
import type { Tree } from './tree.ts';
import { TreeReader } from './tree-reader.ts';

/** A specification's text, read as YAML. Without a tree there is a problem that says why. */
export interface Document {
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
  /** Line and column of an offset, both counted from 1. */
  readonly position: (offset: number) => { readonly line: number; readonly column: number };
}

/**
 * Reads the one YAML document of a text. Scalars are taken as they are written (the failsafe schema) and get
 * their meaning by the rules of `scalars.ts`; keys, tags, anchors and merges are this program's too, so that
 * each mistake in them is told in its own words.
 */
export function readDocument(text: string): Document {
  const lineCounter = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  });
  const [first, second] = documents;
  const controls = controlCharacters(text);
  const broken = documents.flatMap((document) => document.errors);
  if (broken.length > 0)
    return { tree: undefined, problems: [...controls, ...syntaxProblems(broken)], position };
  if (first === undefined || isEmpty(first.contents)) {
    return { tree: undefined, problems: [...controls, EMPTY], position };
  }
  const reader = new TreeReader((offset) => position(offset).line);
  const tree = reader.read(first.contents as ParsedNode);
  const problems = [...controls, ...reader.problems];
  if (second !== undefined) problems.push(secondDocument(second.range[0]));
  return { tree, problems, position };
}

const EMPTY: Problem = {
  offset: 0,
  message: 'the specification is empty',
  mend: 'begin with a description and a study',
};

const isEmpty = (contents: unknown): boolean =>
  contents === null || (contents as { source?: unknown }).source === '';

const secondDocument = (offset: number): Problem => ({
  offset,
  message: 'a second YAML document begins here',
  mend: "a specification is one document: remove the line '---' and what follows, or give it a file of its own",
});

const NO_TEXT = /[^\t\n\r\u{20}-\u{7e}\u{85}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function controlCharacters(text: string): Problem[] {
  const offset = text.search(NO_TEXT);
  if (offset < 0) return [];
  const code = (text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return [{ offset, message: `the file holds the control character U+${code}`, mend: 'remove it' }];
}
