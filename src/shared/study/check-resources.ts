import { type Parameter, RESOURCE_KEYS, type StepSpec } from '../spec/specification.ts';
import { suggestOr } from '../spec/suggest.ts';
import { parameterTokens, piecesOf, vocabularyOf } from './pieces.ts';
import type { Finding, Report } from './report.ts';
import { tokenOf } from './tokens.ts';

const ANY_TOKEN = /\$\(([^()]*)\)/;

/** Tokens in resources that nothing replaces. In a script such a token is the shell's. */
export function checkResources(
  steps: readonly StepSpec[],
  parameters: readonly Parameter[],
  report: Report,
): void {
  const keys = parameters.map(({ key }) => key);
  const vocabulary = vocabularyOf(parameterTokens(parameters));
  for (const [index, step] of steps.entries()) {
    for (const { path, text } of requestsOf(step)) {
      for (const piece of piecesOf(text, vocabulary)) {
        const token = piece.kind === 'literal' ? ANY_TOKEN.exec(piece.text) : null;
        if (token === null) continue;
        report({ path: ['study', index, 'run', ...path], ...tokenFinding(path.join(': '), token[1]!, keys) });
      }
    }
  }
}

/** Every text that a step asks its scheduler with, and where in `run` it stands. */
function requestsOf({ resources, args = {} }: StepSpec): { path: string[]; text: string }[] {
  return [
    ...RESOURCE_KEYS.map((key) => ({ path: [key], text: resources[key] ?? '' })),
    ...Object.entries(args).map(([option, text]) => ({ path: ['args', option], text })),
  ];
}

/** A scheduler's header is read by no shell, so nothing would replace the token there. */
function tokenFinding(key: string, name: string, keys: readonly string[]): Omit<Finding, 'path'> {
  const text = tokenOf(name);
  return {
    severity: 'error',
    text,
    message: `'${key}' asks for ${text}, which is neither a parameter nor a variable`,
    mend: suggestOr(name, keys, 'write a value, or define it in env or global.parameters'),
  };
}
