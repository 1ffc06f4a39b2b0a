import { fellShort, isFinal, isInFlight } from '../shared/state/states.ts';
import type { Transition } from '../shared/state/transition.ts';
import { descendantsOf } from './descendants.ts';
import type { Model } from './model.ts';

/** What a retry does, and what of it cannot be done. */
export interface RetryPlan {
  /** The steps that run again, in the order of their rows. */
  readonly steps: readonly number[];
  readonly refused: readonly { readonly step: number; readonly why: string }[];
}

/**
 * Which steps a retry of some steps runs again: those themselves, and with `descendants` all that depends on
 * them. A step that has not settled has nothing to retry. One whose parents did not finish, and are not retried
 * with it, would wait for ever: it is refused.
 */
export function planRetry(
  model: Model,
  seeds: readonly number[],
  descendants: boolean,
  nameOf: (step: number) => string,
): RetryPlan {
  const refused: { step: number; why: string }[] = [];
  const wanted = new Set<number>();
  for (const step of seeds) {
    if (step >= model.graph.count) continue;
    if (model.stateOf(step) === 'REMOVED')
      refused.push({ step, why: `${nameOf(step)} is not in the study's specification any more` });
    else if (isFinal(model.stateOf(step))) wanted.add(step);
    else
      refused.push({ step, why: `${nameOf(step)} is ${model.stateOf(step)}: there is nothing to retry yet` });
  }
  for (const step of descendantsOf(model.graph, wanted)) {
    // What is retried alone would change under the hands of a step that reads it just now.
    if (isInFlight(model.stateOf(step))) {
      const why = `${nameOf(step)} runs, and depends on what is to be retried: cancel it first`;
      refused.push({ step, why });
      return { steps: [], refused };
    }
    if (descendants && isFinal(model.stateOf(step))) wanted.add(step);
  }
  refuseStranded(model, wanted, refused, nameOf);
  return { steps: [...wanted].sort((a, b) => a - b), refused };
}

/** Takes out what could never start, and then what depends on that, until nothing is left to take out. */
function refuseStranded(
  model: Model,
  wanted: Set<number>,
  refused: { step: number; why: string }[],
  nameOf: (step: number) => string,
): void {
  let isSettled = false;
  while (!isSettled) {
    isSettled = true;
    for (const step of wanted) {
      const parent = missingParent(model, step, wanted);
      if (parent === undefined) continue;
      wanted.delete(step);
      refused.push({
        step,
        why: `${nameOf(step)} needs ${nameOf(parent)}, which is ${model.stateOf(parent)}`,
      });
      isSettled = false;
    }
  }
}

/** A parent that has settled otherwise than FINISHED and is not run again. */
function missingParent(model: Model, step: number, wanted: ReadonlySet<number>): number | undefined {
  const { parents, parentsStart, funnels, template, members, membersStart } = model.graph;
  const isMissing = (parent: number): boolean => {
    return fellShort(model.stateOf(parent)) && !wanted.has(parent);
  };
  for (let at = parentsStart[step]!; at < parentsStart[step + 1]!; at++) {
    if (isMissing(parents[at]!)) return parents[at];
  }
  for (const group of funnels[template[step]!]!) {
    if (!model.hasFailed(group)) continue;
    for (let at = membersStart[group]!; at < membersStart[group + 1]!; at++) {
      if (isMissing(members[at]!)) return members[at];
    }
  }
  return undefined;
}

/** The transitions of a retry: back to the beginning, with all counters as new. */
export function retryTransitions(model: Model, plan: RetryPlan, at: number): Transition[] {
  return plan.steps.map((step) => ({
    step,
    from: model.stateOf(step),
    to: 'INITIALIZED',
    at,
    why: 'to be run again, by request',
    isFresh: true,
  }));
}

/** What a cancel of some steps means at once for those that have not been handed over, and their descendants. */
export function cancelTransitions(model: Model, seeds: readonly number[], at: number): Transition[] {
  const waiting = seeds.filter((step) => step < model.graph.count && model.stateOf(step) === 'INITIALIZED');
  const doomed = new Set([...waiting, ...descendantsOf(model.graph, new Set(waiting))]);
  return [...doomed]
    .filter((step) => model.stateOf(step) === 'INITIALIZED')
    .map((step) => ({ step, from: 'INITIALIZED', to: 'CANCELLED', at, why: 'cancelled by request' }));
}
