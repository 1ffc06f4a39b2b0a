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
    for (const key of RESOURCE_KEYS) {
      for (const piece of piecesOf(step.resources[key] ?? '', vocabulary)) {
        const token = piece.kind === 'literal' ? ANY_TOKEN.exec(piece.text) : null;
        if (token) report({ path: ['study', index, 'run', key], ...resourceFinding(key, token[1]!, keys) });
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
