import type { Parameter, StepSpec } from '../spec/specification.ts';
import type { LinkedStep } from './graph.ts';
import { parameterTokens, piecesOf, scriptTokens, type Vocabulary, vocabularyOf } from './pieces.ts';

/** What a step's own strings name, as indexes of parameters and of steps. */
export interface Mentions {
  readonly parameters: ReadonlySet<number>;
  /** Steps whose workspace `cmd` names. */
  readonly inCmd: ReadonlySet<number>;
  /** Steps whose workspace `restart` names. */
  readonly inRestart: ReadonlySet<number>;
}

/** For each step what its strings name. */
export function mentionsOf(steps: readonly StepSpec[], parameters: readonly Parameter[]): Mentions[] {
  const names = steps.map(({ name }) => name);
  const inScripts = vocabularyOf(scriptTokens(parameters, names));
  const elsewhere = vocabularyOf(parameterTokens(parameters));
  return steps.map((step) => {
    const cmd = named(step.cmd, inScripts);
    const restart = named(step.restart ?? '', inScripts);
    const { name, description, depends, resources, args = {} } = step;
    const others = [name, description, ...depends, ...Object.values(resources), ...Object.values(args)].map(
      (text) => named(text, elsewhere),
    );
    return {
      parameters: new Set([cmd, restart, ...others].flatMap((found) => found.parameters)),
      inCmd: new Set(cmd.steps),
      inRestart: new Set(restart.steps),
    };
  });
}

function named(text: string, vocabulary: Vocabulary): { parameters: number[]; steps: number[] } {
  const parameters: number[] = [];
  const steps: number[] = [];
  for (const piece of piecesOf(text, vocabulary)) {
    if (piece.kind === 'workspace') steps.push(piece.step);
    else if (piece.kind !== 'literal' && piece.kind !== 'own workspace') parameters.push(piece.parameter);
  }
  return { parameters, steps };
}

/**
 * For each step the parameters that it uses: those it mentions, those of its plain parents, and those of the
 * steps whose workspaces it names, since each of its combinations must know which workspace is meant. Only a
 * funnel's workspace is the same for all combinations.
 */
export function usesOf(steps: readonly LinkedStep[], mentions: readonly Mentions[]): ReadonlySet<number>[] {
  const uses = mentions.map(({ parameters }) => new Set(parameters));
  const takers: Set<number>[] = steps.map(() => new Set());
  for (const [index, step] of steps.entries()) {
    const { inCmd, inRestart } = mentions[index]!;
    for (const { step: parent } of step.parents) takers[parent]!.add(index);
    const funnels = new Set(step.funnels.map((link) => link.step));
    for (const other of [...inCmd, ...inRestart]) if (!funnels.has(other)) takers[other]!.add(index);
  }
  const grown = steps.map((_, index) => index);
  for (let giver = grown.pop(); giver !== undefined; giver = grown.pop()) {
    for (const taker of takers[giver]!) {
      const before = uses[taker]!.size;
      for (const parameter of uses[giver]!) uses[taker]!.add(parameter);
      if (uses[taker]!.size > before) grown.push(taker);
    }
  }
  return uses;
}
