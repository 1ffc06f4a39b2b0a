/** The states of a step, by the names that users of status.csv know. */
export const STEP_STATES = [
  'INITIALIZED',
  'PENDING',
  'QUEUED',
  'WAITING',
  'RUNNING',
  'FINISHING',
  'FINISHED',
  'FAILED',
  'TIMEDOUT',
  'HWFAILURE',
  'CANCELLED',
  'UNKNOWN',
  'NOTFOUND',
  'INCOMPLETE',
  'DRYRUN',
  'REMOVED',
] as const;

/** The state of a step. */
export type StepState = (typeof STEP_STATES)[number];

/** States in which an attempt is with the runner or a scheduler. */
const IN_FLIGHT = [
  'PENDING',
  'QUEUED',
  'WAITING',
  'RUNNING',
  'FINISHING',
] as const satisfies readonly StepState[];

/** States that a study may end in. Steps in them are done unless the user asks for them again. */
export const FINAL = [
  'FINISHED',
  'FAILED',
  'TIMEDOUT',
  'CANCELLED',
  'DRYRUN',
  'REMOVED',
] as const satisfies readonly StepState[];

type InFlight = (typeof IN_FLIGHT)[number];

/** What an attempt in flight may become, seen through polls that may skip states. */
const ENDS = ['FINISHED', 'FAILED', 'TIMEDOUT', 'HWFAILURE', 'CANCELLED', 'UNKNOWN', 'NOTFOUND'] as const;

/**
 * The one table of transitions: from a state to those that may follow. A transition that is not in it is a
 * bug, refused before it reaches the store.
 *
 * INITIALIZED follows an attempt that is over when the step will be tried again; PENDING always means that a
 * new attempt has been recorded and is about to be handed over. REMOVED is a step that the study's specification
 * has no more; another specification may bring it back.
 */
export const TRANSITIONS: Readonly<Record<StepState, readonly StepState[]>> = {
  INITIALIZED: ['PENDING', 'FAILED', 'CANCELLED', 'DRYRUN', 'UNKNOWN', 'REMOVED'],
  PENDING: ['QUEUED', 'WAITING', 'RUNNING', 'FINISHING', 'INITIALIZED', ...ENDS],
  QUEUED: ['WAITING', 'RUNNING', 'FINISHING', 'INITIALIZED', ...ENDS],
  WAITING: ['QUEUED', 'RUNNING', 'FINISHING', 'INITIALIZED', ...ENDS],
  RUNNING: ['QUEUED', 'WAITING', 'FINISHING', 'INITIALIZED', ...ENDS],
  FINISHING: ['INITIALIZED', ...ENDS],
  FINISHED: ['INITIALIZED', 'REMOVED'],
  FAILED: ['INITIALIZED', 'REMOVED'],
  TIMEDOUT: ['INITIALIZED', 'FAILED', 'REMOVED'],
  HWFAILURE: ['INITIALIZED', 'FAILED', 'REMOVED'],
  CANCELLED: ['INITIALIZED', 'REMOVED'],
  UNKNOWN: ['INITIALIZED', 'FAILED', 'CANCELLED', 'REMOVED'],
  NOTFOUND: ['INITIALIZED', 'FAILED', 'UNKNOWN', 'REMOVED'],
  INCOMPLETE: ['INITIALIZED', 'FAILED', 'CANCELLED', 'REMOVED'],
  DRYRUN: [],
  REMOVED: ['INITIALIZED'],
};

/** Whether something is the name of a state. */
export function isKnownState(name: unknown): name is StepState {
  return (STEP_STATES as readonly unknown[]).includes(name);
}

/** Whether the table of transitions lets a state follow another. */
export function mayFollow(from: StepState, to: StepState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Whether an attempt at the step is with the runner or a scheduler. */
export function isInFlight(state: StepState): state is InFlight {
  return (IN_FLIGHT as readonly StepState[]).includes(state);
}

/** Whether a study may end with a step in this state. */
export function isFinal(state: StepState): boolean {
  return (FINAL as readonly StepState[]).includes(state);
}

/** Whether a study may end with a step in this state although the step should have finished, and has not. */
export function fellShort(state: StepState): boolean {
  return isFinal(state) && state !== 'FINISHED' && state !== 'REMOVED';
}

/** How a study as a whole stands. `stopped`: it has not ended, and nobody conducts it. */
export type StudyState = 'running' | 'cancelling' | 'stopped' | 'finished' | 'failed' | 'cancelled' | 'dry';
