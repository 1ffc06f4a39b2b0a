import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { PROJECT, trackedFiles } from './tracked-files.ts';

/** Declarations that `export` may stand before and that a reader looks up by name. */
function exportedDeclarations(file: ts.SourceFile): ts.Statement[] {
  return file.statements.filter(
    (statement) =>
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
}

/** `line` of each exported declaration without a sentence before it that says what it is for. */
function undocumented(file: ts.SourceFile): number[] {
  return exportedDeclarations(file)
    .filter((node) => !ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && hasText(doc)))
    .filter((node) => !isCommand(node) && !sharesComment(file, node))
    .map((node) => lineOf(file, node));
}

/** A command of the command line says what it is for in its `summary`, which is its help. */
function isCommand(node: ts.Statement): boolean {
  return ts.isClassDeclaration(node) && node.members.some((member) => member.name?.getText() === 'summary');
}

/** Constants on adjacent lines, such as a bound and its share, are one thing under one comment. */
function sharesComment(file: ts.SourceFile, node: ts.Statement): boolean {
  const before = file.statements[file.statements.indexOf(node) - 1];
  const gap = file.text.slice(node.getFullStart(), node.getStart(file));
  return (
    before !== undefined && ts.isVariableStatement(before) && ts.isVariableStatement(node) && gap === '\n'
  );
}

function hasText(doc: ts.JSDoc): boolean {
  return (ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '';
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** `line` of each promise that nobody awaits, returns, keeps, or leaves alone on purpose (`void`). */
function floatingPromises(file: ts.SourceFile, checker: ts.TypeChecker): number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && isPromise(node.expression, checker)) lines.push(lineOf(file, node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}

function isPromise(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  // `x = promise` and `list[i] ??= promise` keep it.
  if (ts.isBinaryExpression(expression) && isAssignment(expression.operatorToken.kind)) return false;
  return checker.getTypeAtLocation(expression).getProperty('then') !== undefined;
}

function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** The project's sources as the compiler sees them; type errors are the business of `npm run check`. */
function program(): ts.Program {
  const configFile = join(PROJECT, 'tsconfig.json');
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  const sources = trackedFiles().filter((file) => file.startsWith('src/') && file.endsWith('.ts'));
  return ts.createProgram(
    sources.map((file) => join(PROJECT, file)),
    options,
  );
}

/** A program of one file. */
function programOf(text: string): { file: ts.SourceFile; checker: ts.TypeChecker } {
  const name = '/example.ts';
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (wanted, ...rest) => (wanted === name ? file : getSourceFile(wanted, ...rest));
  const example = ts.createProgram([name], { target: ts.ScriptTarget.ES2023, types: [] }, host);
  return { file, checker: example.getTypeChecker() };
}

const sources = program();
const checker = sources.getTypeChecker();
const files = sources
  .getSourceFiles()
  .filter(({ fileName }) => fileName.startsWith(join(PROJECT, 'src/')))
  .map((file) => ({ name: file.fileName.slice(PROJECT.length), file }));

test('an export without a doc comment is found', () => {
  const { file } = programOf(
    '/** Says why. */\nexport const a = 1;\nexport function f() {}\n/** @internal */\nexport type T = 1;\nconst b = 1;\n' +
      '/** Both. */\nexport const LEAST = 1;\nexport const MOST = 2;\n\nexport const OTHER = 3;',
  );
  assert.deepEqual(undocumented(file), [3, 5, 11]);
});

test('every export of the sources has a doc comment', () => {
  assert.ok(files.length > 20, `${files.length} files`);
  const bare = files.flatMap(({ name, file }) => undocumented(file).map((line) => `${name}:${line}`));
  assert.deepEqual(bare, []);
});

test('a promise that nobody waits for is found', () => {
  const { file, checker } = programOf(
    `async function f(): Promise<void> {}
     let kept: Promise<void>;
     async function g() {
       await f();
       f();
       void f();
       kept = f();
       f().catch(() => undefined);
       [1].map(f);
       return f();
     }`,
  );
  assert.deepEqual(floatingPromises(file, checker), [5, 8]);
});

test('no promise of the sources is left floating', () => {
  const floating = files.flatMap(({ name, file }) =>
    floatingPromises(file, checker).map((line) => `${name}:${line}`),
  );
  assert.deepEqual(floating, []);
});
