import type { AttemptStory, StepFacts } from '../../../src/cli/explain/facts.ts';

/** A moment to count from, in local time, so that what is said does not depend on where the tests run. */
export const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();

/** The facts of a step that is ready and held back by nothing; what is given replaces that. */
export function factsOf(rest: Partial<StepFacts> = {}): StepFacts {
  return {
    directory: '/studies/heat',
    now: NOON,
    name: 'run_SIZE.10',
    state: 'INITIALIZED',
    isScheduled: false,
    walltimeMs: undefined,
    retry: undefined,
    notBefore: undefined,
    study: { state: 'running', isPaused: false, throttle: 0, inFlight: 2 },
    parents: { total: 0, unfinished: new Map(), shown: [] },
    culprits: { total: 0, shown: [] },
    attempts: [],
    last: undefined,
    isWithoutGpus: false,
    outage: undefined,
    schedulerTrouble: undefined,
    output: undefined,
    ...rest,
  };
}

/** An attempt that ran for a minute and failed with exit code 3; what is given replaces that. */
export function attemptOf(rest: Partial<AttemptStory> = {}): AttemptStory {
  return {
    number: 1,
    script: 'main',
    job: '4711',
    host: 'node7',
    submittedAt: NOON - 121_000,
    startedAt: NOON - 120_000,
    endedAt: NOON - 60_000,
    outcome: 'FAILED',
    exitCode: 3,
    signal: null,
    userMs: null,
    systemMs: null,
    maxRssKib: null,
    growth: 0,
    walltimeMs: undefined,
    why: 'exit code 3',
    ...rest,
  };
}
