/**
 * Runs one generator written in JavaScript or TypeScript and answers with its parameters as texts.
 *
 * Standard input: JSON {"file", "library", "environment": [{"kind", "name", "value", "isText", ...}], "arguments"}, where
 * "library" is the file that `import … from 'maestro-conductor'` means. File descriptor 3: JSON, {"parameters":
 * [...]} or {"failure": {...}}. Standard output and standard error belong to the generator.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';

const FUNCTIONS = ['getCustomGenerator', 'get_custom_generator'];

/** How deep a generator's own calls may go before its line is lost from an error's stack. */
Error.stackTraceLimit = 50;

const request = JSON.parse(readFileSync(0, 'utf8'));
const reply = await generate(request).catch((error) => ({ failure: describe(error, request) }));
writeFileSync(3, JSON.stringify(reply));
// A generator may leave connections or timers open; its answer is given, so nothing is waited for.
process.exit(0);

/** The reply to a request: the generator's parameters, or why there are none. */
async function generate({ file, library, environment, arguments: given }) {
  const jiti = createJiti(pathToFileURL(file).href, {
    alias: { 'maestro-conductor': library },
    // The generator may stand where we must not write, and is compiled once a run.
    fsCache: false,
  });
  const { ParameterGenerator, StudyEnvironment } = await jiti.import(library);
  const names = namesOf(await jiti.import(file));
  const generator = FUNCTIONS.map((name) => names.get(name)).find(isFunction) ?? names.get('default');
  if (!isFunction(generator)) {
    return { failure: { kind: 'no function', wanted: FUNCTIONS[0], names: functionNames(names) } };
  }
  const result = await generator(new StudyEnvironment(environment), given);
  const parameters = result instanceof ParameterGenerator ? result : ParameterGenerator.from(result);
  if (parameters === undefined) {
    return { failure: { kind: 'no parameters', returned: typeName(result), line: 1 } };
  }
  return { parameters: parameters.added.map((parameter) => withPlace(parameter, file)) };
}

/** What a module exports, by name; the exports of a CommonJS module are its default, or the properties of it. */
function namesOf(module) {
  if (isFunction(module)) return new Map([['default', module]]);
  const inner = typeof module.default === 'object' && module.default !== null ? module.default : {};
  return new Map([...Object.entries(inner), ...Object.entries(module)]);
}

function functionNames(names) {
  return [...names].filter(([, value]) => isFunction(value)).map(([name]) => name);
}

function isFunction(value) {
  return typeof value === 'function';
}

function typeName(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** A parameter with the generator's line that added it in place of the whole stack. */
function withPlace({ stack, ...parameter }, file) {
  const frame = framesOf(stack).find((one) => one.file === file);
  return { ...parameter, at: frame === undefined ? null : { file, line: frame.line } };
}

/** An error as data: what it says, and the frames of the generator (none of this program, Node or packages). */
function describe(error, { file, library }) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `${String(error)} was thrown`;
  // What the compiler says of a file that it cannot read: `ParseError: <why>`, then `<file>:<line>:<column>`.
  const [, why, wrongFile, wrongLine] = /ParseError: (.*?)\s*\n\s*(\S.*):(\d+):\d+$/.exec(message) ?? [];
  if (why !== undefined) {
    return { kind: 'raised', said: `SyntaxError: ${why}`, frames: [frame(wrongFile, Number(wrongLine))] };
  }
  const frames = framesOf(error?.stack ?? '').filter((one) => isGenerators(one.file, file, library));
  return { kind: 'raised', said: message.split('\n', 1)[0], frames: frames.reverse() };
}

/** The frames of a stack, innermost first. Columns are those of compiled code, and left out. */
function framesOf(stack) {
  return [...String(stack).matchAll(/^ {4}at (?:.*\()?(.+?):(\d+):\d+\)?$/gm)]
    .map(([, file, line]) => frame(file.startsWith('file://') ? fileURLToPath(file) : file, Number(line)))
    .filter(({ file }) => isAbsolute(file));
}

function isGenerators(frameFile, file, library) {
  const isOwn = frameFile === library || frameFile === fileURLToPath(import.meta.url);
  return frameFile === file || !(isOwn || frameFile.includes('/node_modules/'));
}

/** A place in a file with the text that stands there; empty where there is none to show. */
function frame(file, line) {
  try {
    return { file, line, text: (readFileSync(file, 'utf8').split('\n')[line - 1] ?? '').trim() };
  } catch {
    return { file, line, text: '' };
  }
}
