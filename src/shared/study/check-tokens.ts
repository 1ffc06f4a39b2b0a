import { type Parameter, RESOURCE_KEYS, type StepSpec } from '../spec/specification.ts';
import { suggestOr } from '../spec/suggest.ts';
import { parameterTokens, piecesOf, vocabularyOf } from './pieces.ts';
import { type Finding, listed, type Report } from './report.ts';
import { tokenOf } from './tokens.ts';

const ANY_TOKEN = /\$\(([^()]*)\)/;
const ANY_WORKSPACE = /\$\(([^()$]+)\.workspace\)/g;

/** Tokens that stay as they are where nothing good can come of it. */
export function checkTokens(
  steps: readonly StepSpec[],
  parameters: readonly Parameter[],
  report: Report,
): void {
  const names = new Set(steps.map(({ name }) => name));
  const keys = parameters.map(({ key }) => key);
  const vocabulary = vocabularyOf(parameterTokens(parameters));
  for (const [index, step] of steps.entries()) {
    for (const key of RESOURCE_KEYS) {
      for (const piece of piecesOf(step.resources[key] ?? '', vocabulary)) {
        const token = piece.kind === 'literal' ? ANY_TOKEN.exec(piece.text) : null;
        if (token) report({ path: ['study', index, 'run', key], ...resourceFinding(key, token[1]!, keys) });
      }
    }
    for (const key of ['cmd', 'restart'] as const) {
      const named = new Set(Array.from((step[key] ?? '').matchAll(ANY_WORKSPACE), (token) => token[1]!));
      for (const name of named) {
        if (!names.has(name))
          report({ path: ['study', index, 'run', key], ...workspaceFinding(name, names) });
      }
    }
  }
}

/** A scheduler's header is read by no shell, so nothing would replace the token there. */
function resourceFinding(key: string, name: string, keys: readonly string[]): Omit<Finding, 'path'> {
  const text = tokenOf(name);
  return {
    severity: 'error',
    text,
    message: `'${key}' asks for ${text}, which is neither a parameter nor a variable`,
    mend: suggestOr(name, keys, 'write a value, or define it in env or global.parameters'),
  };
}

/** The shell would run a command of that name: possible, but hardly meant. */
function workspaceFinding(name: string, names: ReadonlySet<string>): Omit<Finding, 'path'> {
  const text = tokenOf(`${name}.workspace`);
  return {
    severity: 'warning',
    text,
    message: `${text} is left to the shell, since '${name}' is no step of this study`,
    mend: suggestOr(name, names, `the steps are ${listed([...names])}`),
  };
}
