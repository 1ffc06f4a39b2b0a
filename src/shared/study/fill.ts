import type { Parameter } from '../spec/specification.ts';
import {
  mayNest,
  OWN_WORKSPACE,
  type Piece,
  parameterTokens,
  piecesOf,
  type Token,
  type Vocabulary,
  vocabularyOf,
} from './pieces.ts';
import { replaceInOrder } from './tokens.ts';

/** What takes the place of tokens in one step of an expansion. */
export interface Scope {
  /** Row of parameter values. */
  readonly row: number;
  /** Absolute path. */
  readonly ownWorkspace: string;
  /** Absolute path of the workspace that `$(step.workspace)` means here. */
  readonly workspaceOf: (step: number) => string;
}

/** A text of a template, made ready to be filled in for one step after the other. */
export type Fill = (scope: Scope) => string;

/** What is the same for all texts of a template. */
export interface FillContext {
  readonly parameters: readonly Parameter[];
  /** The parameters that the template uses: no others are replaced. */
  readonly uses: readonly number[];
  /** Whether what takes the place of this token may hold a `$`, and with it a token that is yet to come. */
  readonly mayHoldTokens: (token: Token) => boolean;
}

/**
 * Prepares a text. Replacing its tokens piece by piece gives the same as replacing them one after the other,
 * unless a replaced text makes a new token; only such texts are searched anew for each step.
 */
export function prepareFill(text: string, vocabulary: Vocabulary, context: FillContext): Fill {
  const pieces = piecesOf(text, vocabulary);
  const tokens = pieces.filter((piece) => piece.kind !== 'literal');
  if (tokens.length === 0) return () => text;
  const workspaces = tokens.filter(({ kind }) => kind === 'workspace');
  // Of other steps' workspaces only those that stand there from the start: no others are known to be meant.
  const mine = vocabularyOf([
    ...parameterTokens(context.parameters, context.uses),
    ...workspaces,
    OWN_WORKSPACE,
  ]);
  if (tokens.some(context.mayHoldTokens) || mayNest(pieces, mine)) {
    return (scope) => fillInPasses(text, mine, context.parameters, scope);
  }
  return (scope) => {
    let filled = '';
    for (const piece of pieces) filled += put(piece, context.parameters, scope);
    return filled;
  };
}

/** Replaces the tokens of a vocabulary one after the other, each once. */
function fillInPasses(
  text: string,
  vocabulary: Vocabulary,
  parameters: readonly Parameter[],
  scope: Scope,
): string {
  const substitutions = Array.from(vocabulary.tokens.values(), (token) => ({
    token: token.text,
    value: put(token, parameters, scope),
  }));
  return replaceInOrder(text, substitutions);
}

function put(piece: Piece, parameters: readonly Parameter[], scope: Scope): string {
  switch (piece.kind) {
    case 'literal':
      return piece.text;
    case 'label':
      return parameters[piece.parameter]!.labels[scope.row]!;
    case 'value':
      return parameters[piece.parameter]!.values[scope.row]!;
    case 'name':
      return parameters[piece.parameter]!.name;
    case 'workspace':
      return scope.workspaceOf(piece.step);
    case 'own workspace':
      return scope.ownWorkspace;
  }
}
