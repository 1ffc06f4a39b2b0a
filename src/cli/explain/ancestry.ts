import { fellShort, type StepState } from '../../shared/state/states.ts';
import type { Expansion, Study } from '../../shared/study/study.ts';

/** Looks from steps to those that they depend on. */
export interface Ancestry {
  /** All that a step depends on directly, the steps of funnels too. */
  readonly parentsOf: (step: number) => readonly number[];
  /**
   * Whose fault it is that a step cannot run: of all that it depends on, directly or not, those that did not
   * finish although all of their own parents did.
   */
  readonly culpritsOf: (step: number) => readonly number[];
}

/** Reads the graph of a study whose steps are in these states. */
export function ancestryOf(study: Study, expansion: Expansion, states: readonly StepState[]): Ancestry {
  const { template, parents, parentsStart } = expansion;
  const members = new Map<number, number[]>();
  const membersOf = (of: number): number[] => {
    let found = members.get(of);
    if (found === undefined) {
      found = states.flatMap((_, step) => (template[step] === of ? [step] : []));
      members.set(of, found);
    }
    return found;
  };
  const funnelsOf = (step: number) => study.steps[template[step]!]?.funnels ?? [];
  const plainOf = (step: number) => [...parents.subarray(parentsStart[step]!, parentsStart[step + 1]!)];
  const isUnfinished = (step: number) => fellShort(states[step]!);
  return {
    parentsOf: (step) => [...plainOf(step), ...funnelsOf(step).flatMap(membersOf)],
    culpritsOf: (step) => {
      const culprits: number[] = [];
      const seen = new Set<number>();
      // Steps of one template share their funnels: each is gone through once, however many they are.
      const unfinishedOf = new Map<number, number[]>();
      const unfinishedMembers = (of: number): number[] => {
        const found = unfinishedOf.get(of) ?? membersOf(of).filter(isUnfinished);
        unfinishedOf.set(of, found);
        return found;
      };
      const visitedFunnels = new Set<number>();
      const stack = [step];
      while (stack.length > 0) {
        const current = stack.pop()!;
        const causes = plainOf(current).filter(isUnfinished);
        let isInnocent = causes.length > 0;
        for (const funnel of funnelsOf(current)) {
          if (unfinishedMembers(funnel).length > 0) isInnocent = true;
          if (visitedFunnels.has(funnel)) continue;
          visitedFunnels.add(funnel);
          causes.push(...unfinishedMembers(funnel));
        }
        if (!isInnocent && current !== step) culprits.push(current);
        for (const cause of causes) {
          if (seen.has(cause)) continue;
          seen.add(cause);
          stack.push(cause);
        }
      }
      return culprits.sort((a, b) => a - b);
    },
  };
}
