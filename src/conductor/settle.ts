import type { Exit, Transition } from '../shared/state/transition.ts';
import {
  afterFailure,
  afterHardwareFailure,
  afterTimeout,
  type Circumstances,
  endAttempt,
  failDescendants,
} from './aftermath.ts';
import type { Model } from './model.ts';
import type { Observation, ObservationOf } from './observation.ts';
import { settleAccepted, settleConcluded, settleRejected, settleReported } from './settle-job.ts';

type Ended = ObservationOf<'ended'>;

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
      return afterHardwareFailure(model, observation, circumstances);
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

function settleStarted(model: Model, observation: ObservationOf<'started'>): Transition[] {
  const { step, number, at, job } = observation;
  if (model.stateOf(step) !== 'PENDING') return [];
  const attempt = { kind: 'started', number, job, startedAt: at } as const;
  return [{ step, from: 'PENDING', to: 'RUNNING', at, why: `process ${job}`, attempt }];
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
function describeExit(exit: Exit): string {
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

function settleUnstartable(
  model: Model,
  observation: ObservationOf<'unstartable'>,
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
  circumstances: Circumstances,
): Transition[] {
  // A scheduler may say that a job runs, and it turns out that the job had stood back from its attempt.
  const state = model.stateOf(observation.step);
  if (state === 'RUNNING' || state === 'FINISHING')
    return afterHardwareFailure(model, observation, circumstances);
  const to = circumstances.cancelling ? 'CANCELLED' : 'INITIALIZED';
  const first = endAttempt(model, observation, 'DROPPED', to, observation.evidence);
  return circumstances.cancelling ? [first, ...failDescendants(model, first, circumstances)] : [first];
}

/** Nobody knows how the attempt ended. Running it again might run it twice: that is for the user to say. */
function settleLost(
  model: Model,
  observation: ObservationOf<'lost'>,
  circumstances: Circumstances,
): Transition[] {
  const first = endAttempt(model, observation, 'UNKNOWN', 'UNKNOWN', observation.evidence);
  const why = 'how it ended is unknown';
  const to = circumstances.cancelling ? 'CANCELLED' : 'FAILED';
  const second: Transition = { step: first.step, from: 'UNKNOWN', to, at: first.at, why };
  return [first, second, ...failDescendants(model, first, circumstances)];
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
