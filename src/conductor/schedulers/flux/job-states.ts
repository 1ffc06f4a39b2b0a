import type { JobReport } from '../scheduler.ts';

/** What `flux jobs` tells of a job, as it prints it. */
export interface JobFacts {
  readonly state: string;
  /** Empty until the job is INACTIVE. */
  readonly result: string;
  readonly exceptionType: string;
  readonly exceptionNote: string;
  /** Flux's own remark on a pending job, such as `held`. */
  readonly remark: string;
}

type Ended = Extract<JobReport, { kind: 'ended' }>;

/** The state of a report, without its words. */
export type Meaning =
  | { readonly kind: 'waiting'; readonly state: 'QUEUED' | 'WAITING' }
  | { readonly kind: 'running'; readonly state: 'RUNNING' | 'FINISHING' }
  | { readonly kind: 'ended'; readonly outcome: Ended['outcome'] };

const OUTCOMES: Readonly<Record<string, Ended['outcome']>> = {
  COMPLETED: 'FINISHED',
  FAILED: 'FAILED',
  CANCELED: 'CANCELLED',
  TIMEOUT: 'TIMEDOUT',
};

/** Exceptions that are no fault of the step: it may be tried again as it is. */
const NOT_ITS_FAULT = new Set(['node-failure', 'preempt']);

/** Notes of `exec` exceptions by which Flux tells that a node, and not the job, has failed. */
const NODE_FAILED =
  /^node failure on |^lost contact with |^shell exited with unkillable processes|service is not loaded on |^job shell exec error on |unable to reattach|failed to reattach/i;

/**
 * What a job's state means. The result decides and not the return code, which for a time-out may be anything
 * that the step made of its signal. A job in a state that is not known here is not over.
 */
export function meaningOf(facts: JobFacts): Meaning {
  switch (facts.state) {
    case 'NEW':
    case 'PRIORITY':
      return { kind: 'waiting', state: 'QUEUED' };
    case 'DEPEND':
      return { kind: 'waiting', state: 'WAITING' };
    case 'SCHED':
      return { kind: 'waiting', state: facts.remark === 'held' ? 'WAITING' : 'QUEUED' };
    case 'RUN':
      return { kind: 'running', state: 'RUNNING' };
    case 'CLEANUP':
      return { kind: 'running', state: 'FINISHING' };
    case 'INACTIVE':
      return endOf(facts);
    default:
      return { kind: 'waiting', state: 'WAITING' };
  }
}

function endOf({ result, exceptionType, exceptionNote }: JobFacts): Meaning {
  const outcome = OUTCOMES[result];
  if (outcome === undefined) return { kind: 'waiting', state: 'WAITING' };
  const isNodes =
    NOT_ITS_FAULT.has(exceptionType) || (exceptionType === 'exec' && NODE_FAILED.test(exceptionNote));
  return { kind: 'ended', outcome: outcome === 'FAILED' && isNodes ? 'HWFAILURE' : outcome };
}

/** The state, and whatever Flux says about it, in its own words. */
export function stateWords({ state, result, exceptionType, exceptionNote, remark }: JobFacts): string {
  if (result === '') return remark === '' ? state : `${state} (${remark})`;
  if (exceptionType === '') return result;
  return `${result} (${exceptionNote === '' ? exceptionType : `${exceptionType}: ${exceptionNote}`})`;
}
