import type { Parameter } from '../spec/specification.ts';
import { tokenOf } from './tokens.ts';

/** A token that is replaced once a step of the expansion is known. Indexes are those of the study. */
export type Token =
  | { readonly kind: 'label' | 'value' | 'name'; readonly parameter: number }
  | { readonly kind: 'workspace'; readonly step: number }
  | { readonly kind: 'own workspace' };

/** A part of a text: what stays as it is, or a token. */
export type Piece = { readonly kind: 'literal'; readonly text: string } | Token;

/** The tokens that may stand in a text. */
export interface Vocabulary {
  /** By what stands in the text, `$(SIZE.label)`, in the order in which they are replaced. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** Length of the longest, so that a search for its end knows when to stop. */
  readonly longest: number;
}

/** The tokens of parameters: `$(P.label)`, `$(P)`, then `$(P.name)`. */
export function parameterTokens(parameters: readonly Parameter[]): Vocabulary {
  return vocabularyOf(namesOfParameters(parameters));
}

type NamedToken = readonly [name: string, token: Token];

function namesOfParameters(parameters: readonly Parameter[]): NamedToken[] {
  const inForm = (kind: 'label' | 'value' | 'name', suffix: string) =>
    parameters.map(({ key }, parameter): NamedToken => [key + suffix, { kind, parameter }]);
  return [...inForm('label', '.label'), ...inForm('value', ''), ...inForm('name', '.name')];
}

/** The tokens of a script: those of parameters, then `$(step.workspace)`, then `$(WORKSPACE)`. */
export function scriptTokens(parameters: readonly Parameter[], stepNames: readonly string[]): Vocabulary {
  const workspaces = stepNames.map(
    (name, step): NamedToken => [`${name}.workspace`, { kind: 'workspace', step }],
  );
  return vocabularyOf([
    ...namesOfParameters(parameters),
    ...workspaces,
    ['WORKSPACE', { kind: 'own workspace' }],
  ]);
}

/** A vocabulary in which, of two tokens that look the same, the earlier one is meant. */
function vocabularyOf(named: readonly NamedToken[]): Vocabulary {
  const tokens = new Map<string, Token>();
  let longest = 0;
  for (const [name, token] of named) {
    const text = tokenOf(name);
    longest = Math.max(longest, text.length);
    if (!tokens.has(text)) tokens.set(text, token);
  }
  return { tokens, longest };
}

/** Cuts a text into literals and tokens; anything in `$(…)` that is no token belongs to the shell. */
export function piecesOf(text: string, vocabulary: Vocabulary): Piece[] {
  const pieces: Piece[] = [];
  let literalFrom = 0;
  for (let open = text.indexOf('$('); open !== -1; ) {
    const end = endOfToken(text, open, vocabulary);
    if (end === undefined) {
      open = text.indexOf('$(', open + 2);
      continue;
    }
    if (open > literalFrom) pieces.push({ kind: 'literal', text: text.slice(literalFrom, open) });
    pieces.push(vocabulary.tokens.get(text.slice(open, end))!);
    literalFrom = end;
    open = text.indexOf('$(', end);
  }
  if (literalFrom < text.length) pieces.push({ kind: 'literal', text: text.slice(literalFrom) });
  return pieces;
}

/** Where the token that begins at `open` ends; names may hold `)`, so more than the first one is tried. */
function endOfToken(text: string, open: number, { tokens, longest }: Vocabulary): number | undefined {
  for (let close = text.indexOf(')', open); close !== -1; close = text.indexOf(')', close + 1)) {
    if (close + 1 - open > longest) return undefined;
    if (tokens.has(text.slice(open, close + 1))) return close + 1;
  }
  return undefined;
}

/**
 * Whether replacing tokens in these pieces could make a new token together with the text around them, as in
 * `$($(WHICH).workspace)`. What takes the place of a token is taken to hold no `$`.
 */
export function mayNest(pieces: readonly Piece[], { tokens, longest }: Vocabulary): boolean {
  return pieces.some((piece, index) => {
    if (piece.kind !== 'literal' || index === pieces.length - 1) return false;
    const end = piece.text.slice(-longest);
    for (let at = end.indexOf('$'); at !== -1; at = end.indexOf('$', at + 1)) {
      const begun = end.slice(at);
      for (const token of tokens.keys()) if (token.startsWith(begun)) return true;
    }
    return false;
  });
}
