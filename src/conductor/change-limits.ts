import type { LimitsUpdate } from '../shared/control.ts';
import type { Limits } from '../shared/state/transition.ts';
import type { Capacity } from './dispatch.ts';

/** Limits after a request to change them, and what to say of it. */
export interface ChangedLimits {
  readonly limits: Limits;
  readonly text: string;
  /** What of the request cannot be done, as a sentence; undefined where all of it is. */
  readonly refusal?: string;
}

/** What a request makes of the limits. What runs is the scheduler's business where the study has one. */
export function changeLimits(before: Limits, update: LimitsUpdate, isLocal: boolean): ChangedLimits {
  const { throttle, rlimit, sleep, attempts, ...machine } = update;
  const { cores, gpus } = machine;
  const limits: Limits = {
    ...before,
    attempts: attempts ?? before.attempts,
    throttle: throttle ?? before.throttle,
    rlimit: rlimit ?? before.rlimit,
    sleeptime: sleep ?? before.sleeptime,
    ...(isLocal ? machine : {}),
  };
  const named = Object.entries({ attempts, ...(isLocal ? { cores, gpus } : {}) });
  const more = named.map(([name, value]) => (value === undefined ? '' : `, ${name} ${value}`)).join('');
  const text = `throttle ${limits.throttle}, rlimit ${limits.rlimit}, sleep ${limits.sleeptime}${more}`;
  if (isLocal || (cores === undefined && gpus === undefined)) return { limits, text };
  const refusal = 'cores and gpus were not changed: they are for studies that run on this machine alone';
  return { limits, text, refusal };
}

/** What the steps have together of this machine, once its user has been heard. */
export function capacityUnder(machine: Capacity, { cores, gpus }: Limits): Capacity {
  return { cores: cores ?? machine.cores, gpus: gpus ?? machine.gpus, withholdsGpus: gpus === 0 };
}
