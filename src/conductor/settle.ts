import { mayFollow, type StepState } from '../shared/state/states.ts';
import type { AttemptOutcome, Exit, Limits, Transition } from '../shared/state/transition.ts';
import { backoffMs } from './backoff.ts';
import type { Model } from './model.ts';
import type { Observation } from './observation.ts';

/** What decisions about an ended attempt depend on, besides the model. */
export interface Circumstances {
  readonly limits: Limits;
  /** The user has asked for the study to be cancelled. */
  readonly cancelling: boolean;
  /** Whether a step has a restart script. */
  readonly hasRestart: (step: number) => boolean;
  readonly nameOf: (step: number) => string;
  /** Resubmissions after hardware failures. */
  readonly resubmits: number;
}

type Of<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }>;
type Ended = Of<'ended'>;

/**
 * What an observation means: the transitions of its step and of the descendants that can no longer run.
 * Reads the model, changes nothing. An observation about an attempt that is not in flight means nothing.
 */
export function settle(model: Model, observation: Observation, circumstances: Circumstances): Transition[] {
  const flight = model.flights.get(observation.step);
  if (flight === undefined || flight.number !== observation.number) return [];
  switch (observation.kind) {
    case 'started':
      return settleStarted(model, observation);
    case 'ended':
      return settleEnded(model, observation, circumstances);
    case 'accepted':
      return settleAccepted(model, observation);
    case 'rejected':
      return settleRejected(model, observation, circumstances);
    case 'reported':
      return settleReported(model, observation);
    case 'concluded':
      return settleConcluded(model, observation, circumstances);
    case 'unstartable':
      return settleUnstartable(model, observation, circumstances);
    case 'dropped':
      return settleDropped(model, observation, circumstances);
    case 'lost':
      return settleLost(model, observation, circumstances);
    case 'hardware':
      return settleHardware(model, observation, circumstances);
  }
}

/** Cancels every step that has not been handed over; those in flight are cancelled by their runner. */
export function settleCancel(model: Model, at: number): Transition[] {
  const transitions: Transition[] = [];
  for (let step = 0; step < model.graph.count; step++) {
    if (model.stateOf(step) !== 'INITIALIZED') continue;
    transitions.push({ step, from: 'INITIALIZED', to: 'CANCELLED', at, why: 'the study was cancelled' });
  }
  return transitions;
}

function settleStarted(model: Model, observation: Of<'started'>): Transition[] {
  const { step, number, at, job } = observation;
  if (model.stateOf(step) !== 'PENDING') return [];
  const attempt = { kind: 'started', number, job, startedAt: at } as const;
  return [{ step, from: 'PENDING', to: 'RUNNING', at, why: `process ${job}`, attempt }];
}

function settleAccepted(model: Model, observation: Of<'accepted'>): Transition[] {
  const { step, number, at, job } = observation;
  if (model.stateOf(step) !== 'PENDING') return [];
  const attempt = { kind: 'accepted', number, job } as const;
  return [{ step, from: 'PENDING', to: 'QUEUED', at, why: `job ${job}`, attempt }];
}

/** A scheduler's refusal is a failed try at submitting; the next one comes later each time. */
function settleRejected(
  model: Model,
  observation: Of<'rejected'>,
  circumstances: Circumstances,
): Transition[] {
  const { step, at, words } = observation;
  const first = endAttempt(model, observation, 'FAILED', 'FAILED', `not accepted: ${words}`);
  const notBefore = at + backoffMs(model.counterOf(step, 'retries') + 1, step);
  return afterFailure(model, first, circumstances, notBefore);
}

/** Polls may skip states and may come twice: only a step that has not moved past a state moves to it. */
function settleReported(model: Model, observation: Of<'reported'>): Transition[] {
  const { step, number, at, state, words } = observation;
  const from = model.stateOf(step);
  if (from === state || !mayFollow(from, state)) return [];
  const isStart = state === 'RUNNING' || (state === 'FINISHING' && from !== 'RUNNING');
  if (!isStart) return [{ step, from, to: state, at, why: words }];
  const attempt = { kind: 'started', number, startedAt: observation.startedAt ?? at } as const;
  return [{ step, from, to: state, at, why: words, attempt }];
}

/** How a scheduler's job ended. A job that failed by itself is not submitted again: `attempts` is for refusals. */
function settleConcluded(
  model: Model,
  observation: Of<'concluded'>,
  circumstances: Circumstances,
): Transition[] {
  const { step, number, at, outcome, words, exit, usage, startedAt } = observation;
  if (outcome === 'HWFAILURE') {
    return settleHardware(model, { kind: 'hardware', step, number, at, evidence: words }, circumstances);
  }
  const before = missedStart(model, observation);
  const isCut = circumstances.cancelling && outcome !== 'FINISHED';
  const to = isCut ? 'CANCELLED' : outcome;
  const details = { ...(exit === undefined ? {} : { exit }), ...(usage === undefined ? {} : { usage }) };
  const from = before[0]?.to ?? model.stateOf(step);
  const attempt = {
    kind: 'ended',
    number,
    outcome: to,
    endedAt: Math.max(at, startedAt ?? 0),
    ...details,
  } as const;
  const last: Transition = { step, from, to, at, why: words, attempt };
  if (to === 'FINISHED') return [...before, last];
  if (to === 'TIMEDOUT') return [...before, ...afterTimeout(model, last, circumstances)];
  return [...before, last, ...failDescendants(model, last, circumstances)];
}

/** A job that ran between two polls: its start is recorded with its end. */
function missedStart(model: Model, { step, number, at, startedAt, outcome }: Of<'concluded'>): Transition[] {
  const from = model.stateOf(step);
  if (from === 'RUNNING' || from === 'FINISHING') return [];
  if (startedAt === undefined && outcome !== 'FINISHED') return [];
  const attempt = { kind: 'started', number, startedAt: startedAt ?? at } as const;
  return [{ step, from, to: 'RUNNING', at: startedAt ?? at, why: 'it ran between two polls', attempt }];
}

function settleEnded(model: Model, ended: Ended, circumstances: Circumstances): Transition[] {
  const outcome = outcomeOf(ended, circumstances.cancelling);
  const first = endAttempt(model, ended, outcome, outcome, whyEnded(ended), {
    exit: ended.exit,
    usage: ended.usage,
  });
  switch (outcome) {
    case 'FINISHED':
      return [first];
    case 'CANCELLED':
      return [first, ...failDescendants(model, first, circumstances)];
    case 'TIMEDOUT':
      return afterTimeout(model, first, circumstances);
    case 'FAILED':
      return afterFailure(model, first, circumstances);
  }
}

function outcomeOf(ended: Ended, cancelling: boolean): 'FINISHED' | 'CANCELLED' | 'TIMEDOUT' | 'FAILED' {
  if (ended.reason === 'walltime') return cancelling ? 'CANCELLED' : 'TIMEDOUT';
  if (ended.reason === 'cancelled') return 'CANCELLED';
  if ('code' in ended.exit && ended.exit.code === 0) return 'FINISHED';
  return cancelling ? 'CANCELLED' : 'FAILED';
}

function whyEnded({ reason, exit }: Ended): string {
  if (reason === 'walltime') return 'walltime reached';
  if (reason === 'cancelled') return 'cancelled';
  return describeExit(exit);
}

/** `exit code 3` or `signal 11`. */
export function describeExit(exit: Exit): string {
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

/** A failed try: another one if there is one left, else the end of the step and of its descendants. */
function afterFailure(
  model: Model,
  first: Transition,
  circumstances: Circumstances,
  notBefore?: number,
): Transition[] {
  const { step, at } = first;
  const tried = model.counterOf(step, 'retries') + 1;
  const { attempts } = circumstances.limits;
  if (tried < attempts && !circumstances.cancelling) {
    const why = `try ${tried + 1} of ${attempts}`;
    const later = notBefore === undefined ? {} : { notBefore };
    return [first, { step, from: 'FAILED', to: 'INITIALIZED', at, why, again: 'retry', ...later }];
  }
  return [first, ...failDescendants(model, first, circumstances)];
}

/** A time-out: the restart script if there is one and restarts are left. */
function afterTimeout(model: Model, first: Transition, circumstances: Circumstances): Transition[] {
  const { step, at } = first;
  if (!circumstances.hasRestart(step)) return [first, ...failDescendants(model, first, circumstances)];
  const { rlimit } = circumstances.limits;
  const restarts = model.counterOf(step, 'restarts');
  if (rlimit === 0 || restarts < rlimit) {
    const why = rlimit === 0 ? `restart ${restarts + 1}` : `restart ${restarts + 1} of ${rlimit}`;
    return [first, { step, from: 'TIMEDOUT', to: 'INITIALIZED', at, why, again: 'restart' }];
  }
  const why = `timed out after ${restarts} restart${restarts === 1 ? '' : 's'}, the limit (rlimit)`;
  return [
    first,
    { step, from: 'TIMEDOUT', to: 'FAILED', at, why },
    ...failDescendants(model, first, circumstances),
  ];
}

function settleUnstartable(
  model: Model,
  observation: Of<'unstartable'>,
  circumstances: Circumstances,
): Transition[] {
  const why = describeUnstartable(observation.errno, observation.stage);
  if (isOutage(observation.errno))
    return settleDropped(model, { ...observation, evidence: why }, circumstances);
  return afterFailure(model, endAttempt(model, observation, 'FAILED', 'FAILED', why), circumstances);
}

/** An attempt that certainly never ran: the step waits again, and nothing is counted against it. */
function settleDropped(
  model: Model,
  observation: { step: number; number: number; at: number; evidence: string },
  { cancelling }: Circumstances,
): Transition[] {
  const to = cancelling ? 'CANCELLED' : 'INITIALIZED';
  return [endAttempt(model, observation, 'DROPPED', to, observation.evidence)];
}

/** Nobody knows how the attempt ended. Running it again might run it twice: that is for the user to say. */
function settleLost(model: Model, observation: Of<'lost'>, circumstances: Circumstances): Transition[] {
  const first = endAttempt(model, observation, 'UNKNOWN', 'UNKNOWN', observation.evidence);
  const why = 'how it ended is unknown';
  const to = circumstances.cancelling ? 'CANCELLED' : 'FAILED';
  const second: Transition = { step: first.step, from: 'UNKNOWN', to, at: first.at, why };
  return [first, second, ...failDescendants(model, first, circumstances)];
}

/** The machine failed under the attempt: the same script again, a bounded number of times. */
function settleHardware(
  model: Model,
  observation: Of<'hardware'>,
  circumstances: Circumstances,
): Transition[] {
  const first = endAttempt(model, observation, 'HWFAILURE', 'HWFAILURE', observation.evidence);
  const { step, at } = first;
  const resubmissions = model.counterOf(step, 'resubmissions');
  const { resubmits } = circumstances;
  if (resubmissions < resubmits && !circumstances.cancelling) {
    const why = `resubmission ${resubmissions + 1} of ${resubmits}`;
    return [first, { step, from: 'HWFAILURE', to: 'INITIALIZED', at, why, again: 'resubmission' }];
  }
  const why = `hardware failed after ${resubmissions} resubmissions`;
  return [
    first,
    { step, from: 'HWFAILURE', to: 'FAILED', at, why },
    ...failDescendants(model, first, circumstances),
  ];
}

/** Errors of the machine, not of the step: they pass once somebody has made room or mended the mount. */
const OUTAGES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'ESTALE',
]);

/** Whether an error number tells of the machine's trouble and says nothing about the step. */
export function isOutage(errno: string): boolean {
  return OUTAGES.has(errno);
}

function describeUnstartable(errno: string, stage: string): string {
  if (stage === 'script' && errno === 'ENOENT')
    return 'cannot start: the shell named in the script is missing';
  if (stage === 'script' && errno === 'EACCES')
    return 'cannot start: the script or its shell may not be executed';
  const what: Record<string, string> = {
    directory: 'its workspace cannot be entered',
    output: 'its output files cannot be opened',
    script: 'its script cannot be executed',
    process: 'no process can be made',
  };
  return `cannot start: ${what[stage] ?? stage} (${errno})`;
}

function endAttempt(
  model: Model,
  { step, number, at }: { step: number; number: number; at: number },
  outcome: AttemptOutcome,
  to: StepState,
  why: string,
  details: Pick<Ended, 'exit' | 'usage'> | Record<string, never> = {},
): Transition {
  const attempt = { kind: 'ended', number, outcome, endedAt: at, ...details } as const;
  return { step, from: model.stateOf(step), to, at, why, attempt };
}

/**
 * Descendants of a step that did not finish can never run: FAILED, or CANCELLED where it was cancelled. Each
 * is visited once; a group that had failed before has taken its dependants with it then.
 */
function failDescendants(model: Model, first: Transition, { nameOf }: Circumstances): Transition[] {
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
