import type { JobReport } from '../scheduler.ts';

type Ended = Extract<JobReport, { kind: 'ended' }>;

/** The state of a report, without its words. */
export type Meaning =
  | { readonly kind: 'waiting'; readonly state: 'QUEUED' | 'WAITING' }
  | { readonly kind: 'running'; readonly state: 'RUNNING' | 'FINISHING' }
  | { readonly kind: 'ended'; readonly outcome: Ended['outcome'] };

const STATES: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['PEND', { kind: 'waiting', state: 'QUEUED' }],
  ['FWD_PEND', { kind: 'waiting', state: 'QUEUED' }],
  // In a chunk of jobs that run one after another on the same host.
  ['WAIT', { kind: 'waiting', state: 'QUEUED' }],
  ['PSUSP', { kind: 'waiting', state: 'WAITING' }],
  ['USUSP', { kind: 'waiting', state: 'WAITING' }],
  ['SSUSP', { kind: 'waiting', state: 'WAITING' }],
  // Powering up the host that it will run on.
  ['PROV', { kind: 'waiting', state: 'WAITING' }],
  ['RUN', { kind: 'running', state: 'RUNNING' }],
  // The host does not answer: the job may well be running, and LSF will say when it knows.
  ['UNKWN', { kind: 'running', state: 'RUNNING' }],
  // Killed while its host did not answer: LSF ends it as soon as the host is back.
  ['ZOMBI', { kind: 'running', state: 'FINISHING' }],
  ['DONE', { kind: 'ended', outcome: 'FINISHED' }],
]);

/** Reasons for the end of a job (`exit_reason`) that are no failure of its own. */
const REASONS: ReadonlyMap<string, Ended['outcome']> = new Map<string, Ended['outcome']>([
  ['TERM_RUNLIMIT', 'TIMEDOUT'],
  ['TERM_CPULIMIT', 'TIMEDOUT'],
  ['TERM_DEADLINE', 'TIMEDOUT'],
  ['TERM_WINDOW', 'TIMEDOUT'],
  ['TERM_OWNER', 'CANCELLED'],
  ['TERM_FORCE_OWNER', 'CANCELLED'],
  ['TERM_ADMIN', 'CANCELLED'],
  ['TERM_FORCE_ADMIN', 'CANCELLED'],
  ['TERM_BUCKET_KILL', 'CANCELLED'],
  ['TERM_PREEMPT', 'HWFAILURE'],
  ['TERM_LOAD', 'HWFAILURE'],
  ['TERM_RC_RECLAIM', 'HWFAILURE'],
  ['TERM_MC_RECALL', 'HWFAILURE'],
  ['TERM_REMOVE_HUNG_JOB', 'HWFAILURE'],
  ['TERM_CSM_ALLOC', 'HWFAILURE'],
  ['TERM_REQUEUE_ADMIN', 'HWFAILURE'],
  ['TERM_REQUEUE_RC', 'HWFAILURE'],
  ['TERM_OTHER', 'HWFAILURE'],
]);

/**
 * What a job's state means, with the reason that an EXIT has. A job in a state that is not known here is not over.
 */
export function meaningOf(state: string, exitReason: string): Meaning {
  if (state !== 'EXIT') return STATES.get(state) ?? { kind: 'waiting', state: 'WAITING' };
  const reason = /TERM_[A-Z_]+/.exec(exitReason)?.[0] ?? '';
  return { kind: 'ended', outcome: REASONS.get(reason) ?? 'FAILED' };
}
