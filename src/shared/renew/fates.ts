import type { StepState } from '../state/states.ts';
import type { Expanded, Placement } from './place-steps.ts';
import { createTextComparison, type TextChange } from './text-change.ts';

/** Why a step that has ended runs again. */
export type Cause =
  /** Its own text is another now. */
  | { readonly kind: 'text'; readonly change: TextChange }
  /** It depends on steps that it did not depend on before, or awaits fewer combinations of one. */
  | { readonly kind: 'dependencies' }
  /** A step that it depends on runs: its row. */
  | { readonly kind: 'parent'; readonly parent: number }
  /** It has no result to be kept. */
  | { readonly kind: 'unfinished' };

/** What becomes of a step when its study gets another specification. */
export type Fate =
  /** It has finished, and its result stays; `change` is one that does not count. */
  | { readonly kind: 'kept'; readonly change?: TextChange | undefined }
  /** It has not begun, and will run as it would have; with another text where there is a change. */
  | { readonly kind: 'waits'; readonly change?: TextChange | undefined }
  | { readonly kind: 'again'; readonly cause: Cause; readonly change?: TextChange | undefined }
  | { readonly kind: 'new' }
  /** An earlier specification had it, the last one had not. */
  | { readonly kind: 'back' }
  | { readonly kind: 'removed' }
  /** It was removed before, and stays so. */
  | { readonly kind: 'gone' };

/** A study that is to have another specification. States are those of its rows. */
export interface ExpandedBefore extends Expanded {
  readonly states: readonly StepState[];
}

/** How fates are decided. */
export interface FateOptions {
  /** What a finished step asks for, and its batch block, may change without making it run again. */
  readonly ignoresResources: boolean;
}

/** Most steps share these. */
const KEPT: Fate = { kind: 'kept' };
const WAITS: Fate = { kind: 'waits' };
const NEW: Fate = { kind: 'new' };
const BACK: Fate = { kind: 'back' };
const REMOVED: Fate = { kind: 'removed' };
const GONE: Fate = { kind: 'gone' };

/** Decides for each row of a study what another specification does to it. Linear in steps and plain edges. */
export function fatesOf(
  before: ExpandedBefore,
  after: Expanded,
  placement: Placement,
  options: FateOptions,
): Fate[] {
  const { rowOf, stepOf } = placement;
  const fates = Array.from(stepOf, (step, row) => {
    if (step < 0) return before.states[row] === 'REMOVED' ? GONE : REMOVED;
    if (row >= before.expansion.count) return NEW;
    return before.states[row] === 'REMOVED' ? BACK : KEPT;
  });
  const relations = createRelations(before, after, placement, fates);
  const changeOf = createTextComparison(before, after);
  const judge = (step: number): Fate => {
    const row = rowOf[step]!;
    if (fates[row] !== KEPT) return fates[row]!;
    const change = changeOf(row, step);
    const state = before.states[row]!;
    if (state === 'INITIALIZED') return change === undefined ? WAITS : { kind: 'waits', change };
    const isIgnored =
      options.ignoresResources && state === 'FINISHED' && (change === 'resources' || change === 'batch');
    const cause = causeOf(isIgnored ? undefined : change, state, step, relations);
    if (cause !== undefined) return { kind: 'again', cause, change };
    return change === undefined ? KEPT : { kind: 'kept', change };
  };
  for (const members of membersOf(after)) {
    for (const step of members) fates[rowOf[step]!] = judge(step);
    relations.settle(members);
  }
  return fates;
}

function causeOf(
  change: TextChange | undefined,
  state: StepState,
  step: number,
  relations: Relations,
): Cause | undefined {
  if (change !== undefined) return { kind: 'text', change };
  if (state !== 'FINISHED') return { kind: 'unfinished' };
  if (relations.hasOtherParents(step)) return { kind: 'dependencies' };
  const parent = relations.parentThatRuns(step);
  return parent === undefined ? undefined : { kind: 'parent', parent };
}

/** The steps of each template, template by template: each after all that it depends on. */
function membersOf({ study, expansion }: Expanded): number[][] {
  const members: number[][] = study.steps.map(() => []);
  for (let step = 0; step < expansion.count; step++) members[expansion.template[step]!]!.push(step);
  return members;
}

/** Whether a step with this fate runs with something that it has not run with before. */
function runsAnew(fate: Fate): boolean {
  const { kind } = fate;
  return (
    kind === 'again' || kind === 'new' || kind === 'back' || (kind === 'waits' && fate.change !== undefined)
  );
}

/** How the steps of the new expansion depend on each other, beside how they did before. */
interface Relations {
  /** A row that runs, among those that the step depends on. */
  parentThatRuns(step: number): number | undefined;
  hasOtherParents(step: number): boolean;
  /** To be called once the fates of all steps of a template are known. */
  settle(members: readonly number[]): void;
}

function createRelations(
  before: Expanded,
  after: Expanded,
  { rowOf }: Placement,
  fates: readonly Fate[],
): Relations {
  const { template, parents, parentsStart } = after.expansion;
  const nameOf = (index: number): string => after.study.steps[index]!.name;
  const shrunk = templatesOf(before, fates, REMOVED);
  /** For each template a row of it that runs. */
  const running: (number | undefined)[] = after.study.steps.map(() => undefined);
  const plainParents = (step: number): Uint32Array =>
    parents.subarray(parentsStart[step]!, parentsStart[step + 1]!);
  return {
    parentThatRuns(step) {
      for (const parent of plainParents(step)) {
        if (runsAnew(fates[rowOf[parent]!]!)) return rowOf[parent];
      }
      const funnel = after.study.steps[template[step]!]!.funnels.find((of) => running[of] !== undefined);
      return funnel === undefined ? undefined : running[funnel];
    },
    hasOtherParents(step) {
      const known = parentsBefore(before, rowOf[step]!);
      const { funnels } = after.study.steps[template[step]!]!;
      if (funnels.some((of) => !known.funnels.has(nameOf(of)) || shrunk.has(nameOf(of)))) return true;
      return plainParents(step).some(
        (parent) => !known.rows.includes(rowOf[parent]!) && !known.funnels.has(nameOf(template[parent]!)),
      );
    },
    settle(members) {
      const row = members.map((step) => rowOf[step]!).find((of) => runsAnew(fates[of]!));
      if (row !== undefined) running[template[members[0]!]!] = row;
    },
  };
}

/** The rows that a step took as plain parents, and the names of the steps of which it awaited all. */
function parentsBefore({ study, expansion }: Expanded, row: number) {
  const { template, parents, parentsStart } = expansion;
  return {
    rows: parents.subarray(parentsStart[row]!, parentsStart[row + 1]!),
    funnels: new Set(study.steps[template[row]!]!.funnels.map((of) => study.steps[of]!.name)),
  };
}

/** The names of those templates that have rows with a fate. */
function templatesOf({ study, expansion }: Expanded, fates: readonly Fate[], fate: Fate): Set<string> {
  const names = new Set<string>();
  for (let row = 0; row < expansion.count; row++) {
    if (fates[row] === fate) names.add(study.steps[expansion.template[row]!]!.name);
  }
  return names;
}
