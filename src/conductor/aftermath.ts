import { isTriedAgain, pauseMs } from '../shared/retry-policy.ts';
import type { Retry } from '../shared/spec/specification.ts';
import type { StepState } from '../shared/state/states.ts';
import type { AttemptOutcome, Exit, Limits, Transition, Usage } from '../shared/state/transition.ts';
import type { Model } from './model.ts';
import type { AttemptKey } from './observation.ts';

/** What decisions about an ended attempt depend on, besides the model. */
export interface Circumstances {
  readonly limits: Limits;
  /** The user has asked for the study, or for this step of it, to be cancelled. */
  readonly cancelling: boolean;
  /** Whether a step has a restart script. */
  readonly hasRestart: (step: number) => boolean;
  /** When a step is tried again by itself; undefined where its specification does not say. */
  readonly retryOf: (step: number) => Retry | undefined;
  readonly nameOf: (step: number) => string;
  /** Resubmissions after hardware failures. */
  readonly resubmits: number;
}

/** An attempt that has ended, and when. */
export type EndedAttempt = AttemptKey & { readonly at: number };

/** The transition that ends an attempt. */
export function endAttempt(
  model: Model,
  { step, number, at }: EndedAttempt,
  outcome: AttemptOutcome,
  to: StepState,
  why: string,
  details: { readonly exit?: Exit; readonly usage?: Usage } = {},
): Transition {
  const attempt = { kind: 'ended', number, outcome, endedAt: at, ...details } as const;
  return { step, from: model.stateOf(step), to, at, why, attempt };
}

/** A failed try: another one if there is one left, else the end of the step and of its descendants. */
export function afterFailure(model: Model, first: Transition, circumstances: Circumstances): Transition[] {
  const again = anotherTry(model, first, circumstances);
  return again === undefined ? [first, ...failDescendants(model, first, circumstances)] : [first, again];
}

/** A submission that was refused has run nothing: trying it again can do no harm, whatever it is refused for. */
export function afterRefusal(
  model: Model,
  first: Transition,
  notBefore: number,
  circumstances: Circumstances,
): Transition[] {
  const { step, at } = first;
  const tried = model.counterOf(step, 'retries') + 1;
  const attempts = Math.max(circumstances.limits.attempts, circumstances.retryOf(step)?.attempts ?? 1);
  if (tried >= attempts || circumstances.cancelling) {
    return [first, ...failDescendants(model, first, circumstances)];
  }
  const why = `try ${tried + 1} of ${attempts}`;
  return [first, { step, from: 'FAILED', to: 'INITIALIZED', at, why, again: 'retry', notBefore }];
}

/** The transition to another try after one that ended like this, if its step is to have one. */
function anotherTry(
  model: Model,
  { step, to: from, at, attempt }: Transition,
  { limits, cancelling, retryOf }: Circumstances,
): Transition | undefined {
  const retry = retryOf(step);
  const exit = attempt?.kind === 'ended' ? attempt.exit : undefined;
  const tried = model.counterOf(step, 'retries') + 1;
  const attempts = retry?.attempts ?? limits.attempts;
  if (cancelling || tried >= attempts || !isTriedAgain(retry, from, exit)) return undefined;
  const wait = pauseMs(retry, tried);
  const why = `try ${tried + 1} of ${attempts}`;
  const again = { step, from, to: 'INITIALIZED', at, again: 'retry' } as const;
  if (wait === 0) return { ...again, why };
  return { ...again, why: `${why}, in ${wait / 1000} s`, notBefore: at + wait };
}

/** A time-out: the restart script if there is one and restarts are left, else another try where that is wanted. */
export function afterTimeout(model: Model, first: Transition, circumstances: Circumstances): Transition[] {
  const { step, at } = first;
  const { hasRestart, limits } = circumstances;
  const restarts = model.counterOf(step, 'restarts');
  if (hasRestart(step) && (limits.rlimit === 0 || restarts < limits.rlimit)) {
    const why =
      limits.rlimit === 0 ? `restart ${restarts + 1}` : `restart ${restarts + 1} of ${limits.rlimit}`;
    return [first, { step, from: 'TIMEDOUT', to: 'INITIALIZED', at, why, again: 'restart' }];
  }
  const again = anotherTry(model, first, circumstances);
  if (again !== undefined) return [first, again];
  const doomed = failDescendants(model, first, circumstances);
  if (!hasRestart(step)) return [first, ...doomed];
  const why = `timed out after ${restarts} restart${restarts === 1 ? '' : 's'}, the limit (rlimit)`;
  return [first, { step, from: 'TIMEDOUT', to: 'FAILED', at, why }, ...doomed];
}

/**
 * The machine failed under the attempt: the same script again, a bounded number of times, then another try where
 * that is wanted.
 */
export function afterHardwareFailure(
  model: Model,
  ended: EndedAttempt & { readonly evidence: string },
  circumstances: Circumstances,
): Transition[] {
  const first = endAttempt(model, ended, 'HWFAILURE', 'HWFAILURE', ended.evidence);
  const { step, at } = first;
  const resubmissions = model.counterOf(step, 'resubmissions');
  const { resubmits } = circumstances;
  if (resubmissions < resubmits && !circumstances.cancelling) {
    const why = `resubmission ${resubmissions + 1} of ${resubmits}`;
    return [first, { step, from: 'HWFAILURE', to: 'INITIALIZED', at, why, again: 'resubmission' }];
  }
  const again = anotherTry(model, first, circumstances);
  if (again !== undefined) return [first, again];
  const why = `hardware failed after ${resubmissions} resubmissions`;
  return [
    first,
    { step, from: 'HWFAILURE', to: 'FAILED', at, why },
    ...failDescendants(model, first, circumstances),
  ];
}

/**
 * Descendants of a step that did not finish can never run: FAILED, or CANCELLED where it was cancelled. Each
 * is visited once; a group that had failed before has taken its dependants with it then.
 */
export function failDescendants(model: Model, first: Transition, { nameOf }: Circumstances): Transition[] {
  const to = first.to === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
  const verb = to === 'CANCELLED' ? 'was cancelled' : 'did not finish';
  const why = `${nameOf(first.step)} ${verb}`;
  const doomed: Transition[] = [];
  const seen = new Set<number>();
  const seenGroups = new Set<number>();
  const stack = [first.step];
  const visit = (step: number): void => {
    if (seen.has(step) || model.stateOf(step) !== 'INITIALIZED') return;
    seen.add(step);
    doomed.push({ step, from: 'INITIALIZED', to, at: first.at, why });
    stack.push(step);
  };
  while (stack.length > 0) visitChildren(model, stack.pop()!, seenGroups, visit);
  return doomed;
}

function visitChildren(
  model: Model,
  step: number,
  seenGroups: Set<number>,
  visit: (step: number) => void,
): void {
  const { children, childrenStart, template, funnelled, members, membersStart } = model.graph;
  for (let at = childrenStart[step]!; at < childrenStart[step + 1]!; at++) visit(children[at]!);
  const group = template[step]!;
  if (seenGroups.has(group) || model.hasFailed(group)) return;
  seenGroups.add(group);
  for (const dependant of funnelled[group]!) {
    for (let at = membersStart[dependant]!; at < membersStart[dependant + 1]!; at++) visit(members[at]!);
  }
}
