import { mayFollow } from '../shared/state/states.ts';
import type { Transition } from '../shared/state/transition.ts';
import {
  afterFailure,
  afterHardwareFailure,
  afterRefusal,
  afterTimeout,
  type Circumstances,
  endAttempt,
  failDescendants,
} from './aftermath.ts';
import { backoffMs } from './backoff.ts';
import type { Model } from './model.ts';
import type { ObservationOf } from './observation.ts';

/** A scheduler has taken the job: it has an id from now on. */
export function settleAccepted(model: Model, observation: ObservationOf<'accepted'>): Transition[] {
  const { step, number, at, job } = observation;
  if (model.stateOf(step) !== 'PENDING') return [];
  const attempt = { kind: 'accepted', number, job } as const;
  return [{ step, from: 'PENDING', to: 'QUEUED', at, why: `job ${job}`, attempt }];
}

/** A scheduler's refusal is a failed try at submitting; the next one comes later each time. */
export function settleRejected(
  model: Model,
  observation: ObservationOf<'rejected'>,
  circumstances: Circumstances,
): Transition[] {
  const { step, at, words } = observation;
  const first = endAttempt(model, observation, 'FAILED', 'FAILED', `not accepted: ${words}`);
  const notBefore = at + backoffMs(model.counterOf(step, 'retries') + 1, step);
  return afterRefusal(model, first, notBefore, circumstances);
}

/** Polls may skip states and may come twice: only a step that has not moved past a state moves to it. */
export function settleReported(model: Model, observation: ObservationOf<'reported'>): Transition[] {
  const { step, number, at, state, words } = observation;
  const from = model.stateOf(step);
  if (from === state || !mayFollow(from, state)) return [];
  const isStart = state === 'RUNNING' || (state === 'FINISHING' && from !== 'RUNNING');
  if (!isStart) return [{ step, from, to: state, at, why: words }];
  const attempt = { kind: 'started', number, startedAt: observation.startedAt ?? at } as const;
  return [{ step, from, to: state, at, why: words, attempt }];
}

/**
 * How a scheduler's job ended. A job that failed by itself is not submitted again, unless its step says so: the
 * limit `attempts` is for refusals.
 */
export function settleConcluded(
  model: Model,
  observation: ObservationOf<'concluded'>,
  circumstances: Circumstances,
): Transition[] {
  const { step, number, at, outcome, words, exit, usage, startedAt } = observation;
  if (outcome === 'HWFAILURE') {
    return afterHardwareFailure(model, { step, number, at, evidence: words }, circumstances);
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
  const mayBeAgain = to === 'FAILED' && circumstances.retryOf(step) !== undefined;
  if (mayBeAgain) return [...before, ...afterFailure(model, last, circumstances)];
  return [...before, last, ...failDescendants(model, last, circumstances)];
}

/** A job that ran between two polls: its start is recorded with its end. */
function missedStart(
  model: Model,
  { step, number, at, startedAt, outcome }: ObservationOf<'concluded'>,
): Transition[] {
  const from = model.stateOf(step);
  if (from === 'RUNNING' || from === 'FINISHING') return [];
  if (startedAt === undefined && outcome !== 'FINISHED') return [];
  const attempt = { kind: 'started', number, startedAt: startedAt ?? at } as const;
  return [{ step, from, to: 'RUNNING', at: startedAt ?? at, why: 'it ran between two polls', attempt }];
}
