import type { JobReport } from '../scheduler.ts';

/** What a state of Slurm's means for a step. */
export type Meaning =
  | { readonly kind: 'waiting'; readonly state: 'QUEUED' | 'WAITING' }
  | { readonly kind: 'running'; readonly state: 'RUNNING' | 'FINISHING' }
  | { readonly kind: 'ended'; readonly outcome: Extract<JobReport, { kind: 'ended' }>['outcome'] };

const QUEUED: Meaning = { kind: 'waiting', state: 'QUEUED' };
const WAITING: Meaning = { kind: 'waiting', state: 'WAITING' };
const RUNNING: Meaning = { kind: 'running', state: 'RUNNING' };
const FINISHING: Meaning = { kind: 'running', state: 'FINISHING' };
const ended = (outcome: Extract<Meaning, { kind: 'ended' }>['outcome']): Meaning => ({
  kind: 'ended',
  outcome,
});

/**
 * The one table of Slurm's job states, those of squeue and sacct from 20.02 to 25.05, and what they mean for a
 * step. docs/schedulers/slurm.md has it with the reasons; a test holds the two together.
 */
export const JOB_STATES: Readonly<Record<string, Meaning>> = {
  PENDING: QUEUED,
  CONFIGURING: QUEUED,
  REQUEUED: QUEUED,
  REQUEUE_FED: QUEUED,
  EXPEDITING: QUEUED,
  REQUEUE_HOLD: WAITING,
  SPECIAL_EXIT: WAITING,
  RESV_DEL_HOLD: WAITING,
  REVOKED: WAITING,
  SUSPENDED: WAITING,
  STOPPED: WAITING,
  RUNNING,
  RESIZING: RUNNING,
  SIGNALING: RUNNING,
  POWER_UP_NODE: QUEUED,
  UPDATE_DB: RUNNING,
  COMPLETING: FINISHING,
  STAGE_OUT: FINISHING,
  COMPLETED: ended('FINISHED'),
  FAILED: ended('FAILED'),
  OUT_OF_MEMORY: ended('FAILED'),
  DEADLINE: ended('FAILED'),
  TIMEOUT: ended('TIMEDOUT'),
  CANCELLED: ended('CANCELLED'),
  NODE_FAIL: ended('HWFAILURE'),
  BOOT_FAIL: ended('HWFAILURE'),
  LAUNCH_FAILED: ended('HWFAILURE'),
  RECONFIG_FAIL: ended('HWFAILURE'),
  PREEMPTED: ended('HWFAILURE'),
};

/** Reasons for which a pending job waits that have nothing to do with free nodes: somebody must act, or time pass. */
export const WAITING_REASONS: ReadonlySet<string> = new Set([
  'AccountNotAllowed',
  'BadConstraints',
  'BeginTime',
  'BurstBufferOperation',
  'BurstBufferResources',
  'Dependency',
  'DependencyNeverSatisfied',
  'InvalidAccount',
  'InvalidQOS',
  'JobHeldAdmin',
  'JobHeldUser',
  'JobHoldMaxRequeue',
  'PartitionConfig',
  'PartitionDown',
  'PartitionInactive',
  'PartitionNodeLimit',
  'PartitionTimeLimit',
  'Reservation',
  'ReservationDeleted',
  'launch failed requeued held',
]);

/** sacct says who cancelled: `CANCELLED by 1000`; a `+` marks a state that was too long for its column. */
const STATE_WORD = /^([A-Z_]+)/;

/**
 * What a state and a reason, as squeue and sacct print them, mean for a step. A state that the table does not
 * know, of a later Slurm, is taken for waiting: that concludes nothing, and its words are shown.
 */
export function meaningOf(state: string, reason: string): Meaning {
  const meaning = JOB_STATES[STATE_WORD.exec(state)?.[1] ?? ''] ?? WAITING;
  return meaning === QUEUED && WAITING_REASONS.has(reason) ? WAITING : meaning;
}

/** A state and its reason in Slurm's own words. */
export function stateWords(state: string, reason: string): string {
  const isSaid = reason !== '' && reason !== 'None' && reason !== '(null)';
  return isSaid ? `${state} (${reason})` : state;
}
