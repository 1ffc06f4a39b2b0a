import type { Expansion, Study } from '../study/study.ts';
import { type ExpandedBefore, type Fate, type FateOptions, fatesOf } from './fates.ts';
import { mergeExpansions } from './merge-expansions.ts';
import { type Expanded, placeSteps } from './place-steps.ts';

/** What it means for a study to get another specification: its new plan, and what becomes of each row. */
export interface Renewal {
  readonly study: Study;
  /** In the rows of the study: those that there were, and behind them those that are new. */
  readonly expansion: Expansion;
  readonly fates: readonly Fate[];
}

/** Plans what another specification does to a study. Pure; both must be expanded into the same directory. */
export function planRenewal(before: ExpandedBefore, after: Expanded, options: FateOptions): Renewal {
  const placement = placeSteps(before.expansion, after.expansion);
  return {
    study: after.study,
    expansion: mergeExpansions(before, after, placement),
    fates: fatesOf(before, after, placement, options),
  };
}

/** Whether nothing at all would be another after it. */
export function changesNothing({ fates }: Renewal): boolean {
  return fates.every(
    (fate) =>
      fate.kind === 'gone' || ((fate.kind === 'kept' || fate.kind === 'waits') && fate.change === undefined),
  );
}

/**
 * Rows whose scripts, should there be any in their workspaces, are not those of the new specification. A script
 * that its user has edited, and whose text the specification has not touched, is not among them.
 */
export function outdatedScripts({ fates }: Renewal): number[] {
  return fates.flatMap((fate, row) =>
    fate.kind === 'back' || ('change' in fate && fate.change !== undefined) ? [row] : [],
  );
}
