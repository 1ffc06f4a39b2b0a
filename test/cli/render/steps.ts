import type { StepState } from '../../../src/shared/state/states.ts';
import type { Overview, StepRow } from '../../../src/shared/status/snapshot.ts';

/** A moment to count from, in local time, so that what is shown does not depend on where the tests run. */
const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();

/** A step as the store would tell it; what is not given is as for one that waits. */
export function stepRow(id: number, name: string, state: StepState, rest: Partial<StepRow> = {}): StepRow {
  return {
    id,
    name,
    state,
    workspace: name.replace('_', '/'),
    attempts: 0,
    restarts: 0,
    job: null,
    submittedAt: null,
    startedAt: null,
    endedAt: null,
    notBefore: null,
    params: [],
    ...rest,
  };
}

export const STEPS: readonly StepRow[] = [
  stepRow(0, 'compile', 'FINISHED', {
    attempts: 1,
    job: '4711',
    submittedAt: NOON - 90_000,
    startedAt: NOON - 89_000,
    endedAt: NOON - 60_000,
  }),
  stepRow(1, 'run_SIZE.10', 'RUNNING', {
    attempts: 2,
    restarts: 1,
    job: '4712',
    submittedAt: NOON - 5_000,
    startedAt: NOON - 4_000,
    params: [['SIZE', '10']],
  }),
  stepRow(2, 'run_SIZE.20', 'INITIALIZED', { params: [['SIZE', '20']] }),
];

/** The overview of a running study with those steps. */
export function overviewOf(rest: Partial<Overview> = {}): Overview {
  return {
    directory: '/studies/heat_20261122-115830',
    takenAt: NOON,
    summary: {
      name: 'heat',
      createdAt: NOON - 90_000,
      endedAt: undefined,
      outcome: undefined,
      cancelRequestedAt: undefined,
      isPaused: false,
      total: 3,
      counts: new Map<StepState, number>([
        ['RUNNING', 1],
        ['FINISHED', 1],
        ['INITIALIZED', 1],
      ]),
      limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    },
    state: 'running',
    lease: {
      epoch: 1,
      host: 'node7',
      user: 'ada',
      process: { pid: 42, startTicks: '1', bootId: 'b' },
      acquiredAt: NOON - 80_000,
      heartbeat: NOON - 2_000,
      releasedAt: undefined,
    },
    leaseState: 'live',
    done: 1,
    elapsedMs: 90_000,
    remainingMs: 180_000,
    pauses: undefined,
    ...rest,
  };
}
