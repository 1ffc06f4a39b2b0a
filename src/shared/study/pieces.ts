import type { Parameter } from '../spec/specification.ts';
import { tokenOf } from './tokens.ts';

/**
 * A token that is replaced once a step of the expansion is known; `text` is how it stands in a script:
 * `$(SIZE.label)`. Indexes are those of the study.
 */
export type Token =
  | { readonly kind: 'label' | 'value' | 'name'; readonly text: string; readonly parameter: number }
  | { readonly kind: 'workspace'; readonly text: string; readonly step: number }
  | { readonly kind: 'own workspace'; readonly text: string };

/** A part of a text: what stays as it is, or a token. */
export type Piece = { readonly kind: 'literal'; readonly text: string } | Token;

/** The tokens that may stand in a text. */
export interface Vocabulary {
  /** By their texts, in the order in which they are replaced. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** Length of the longest, so that a search for its end knows when to stop. */
  readonly longest: number;
}

/** `$(WORKSPACE)`. */
export const OWN_WORKSPACE: Token = { kind: 'own workspace', text: tokenOf('WORKSPACE') };

/** The tokens of some parameters: `$(P.label)` of each, then `$(P)`, then `$(P.name)`. */
export function parameterTokens(
  parameters: readonly Parameter[],
  indexes: readonly number[] = [...parameters.keys()],
): Token[] {
  const inForm = (kind: 'label' | 'value' | 'name', suffix: string) =>
    indexes.map((parameter): Token => {
      return { kind, text: tokenOf(parameters[parameter]!.key + suffix), parameter };
    });
  return [...inForm('label', '.label'), ...inForm('value', ''), ...inForm('name', '.name')];
}

/** The tokens of a script: those of parameters, then `$(step.workspace)`, then `$(WORKSPACE)`. */
export function scriptTokens(parameters: readonly Parameter[], stepNames: readonly string[]): Token[] {
  const workspaces = stepNames.map((name, step): Token => {
    return { kind: 'workspace', text: tokenOf(`${name}.workspace`), step };
  });
  return [...parameterTokens(parameters), ...workspaces, OWN_WORKSPACE];
}

/** Of two tokens that look the same the earlier is meant: it is replaced first. */
export function vocabularyOf(tokens: readonly Token[]): Vocabulary {
  const byText = new Map<string, Token>();
  let longest = 0;
  for (const token of tokens) {
    longest = Math.max(longest, token.text.length);
    if (!byText.has(token.text)) byText.set(token.text, token);
  }
  return { tokens: byText, longest };
}

/** Cuts a text into literals and tokens; anything in `$(…)` that is no token belongs to the shell. */
export function piecesOf(text: string, vocabulary: Vocabulary): Piece[] {
  const pieces: Piece[] = [];
  let literalFrom = 0;
  for (let open = text.indexOf('$('); open !== -1; ) {
    const token = tokenAt(text, open, vocabulary);
    if (token === undefined) {
      open = text.indexOf('$(', open + 2);
      continue;
    }
    if (open > literalFrom) pieces.push({ kind: 'literal', text: text.slice(literalFrom, open) });
    pieces.push(token);
    literalFrom = open + token.text.length;
    open = text.indexOf('$(', literalFrom);
  }
  if (literalFrom < text.length) pieces.push({ kind: 'literal', text: text.slice(literalFrom) });
  return pieces;
}

/** The token that begins at `open`; names may hold `)`, so more than the first one is tried. */
function tokenAt(text: string, open: number, { tokens, longest }: Vocabulary): Token | undefined {
  for (let close = text.indexOf(')', open); close !== -1; close = text.indexOf(')', close + 1)) {
    if (close + 1 - open > longest) return undefined;
    const token = tokens.get(text.slice(open, close + 1));
    if (token !== undefined) return token;
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
