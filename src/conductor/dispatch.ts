import type { Retry } from '../shared/spec/specification.ts';
import type { Transition } from '../shared/state/transition.ts';
import { grown } from '../shared/study/script/growth.ts';
import { LOOKAHEAD, OFFER_BOUND, PASSED_OVER_BOUND, TURN_BOUND } from './bounds.ts';
import type { Demand, Flight, Model } from './model.ts';

/** What this machine gives to the study's steps together. */
export interface Capacity {
  readonly cores: number;
  readonly gpus: number;
  /** Steps that ask for gpus wait: there are some, and the user wants none of them used. */
  readonly withholdsGpus?: boolean;
}

/** A step to be handed to the runner, its attempt recorded. */
export interface Launch {
  readonly flight: Flight;
  readonly script: 'main' | 'restart';
  /** 0: no limit. */
  readonly walltimeMs: number;
  /** How often its requests have grown since the step's first try. */
  readonly growth: number;
}

/** What a turn starts: the transitions to record first, then what to launch. */
export interface Dispatched {
  readonly transitions: Transition[];
  readonly launches: Launch[];
}

/** All that the choice of the next steps depends on. */
export interface DispatchInput {
  readonly model: Model;
  readonly capacity: Capacity;
  /** Cores' worth of steps that may be handed over beyond the free ones. */
  readonly lookahead: number;
  /** 0: no limit. */
  readonly throttle: number;
  readonly now: number;
  readonly host: string;
  readonly demandOf: (step: number) => Demand;
  readonly hasRestart: (step: number) => boolean;
  readonly retryOf: (step: number) => Retry | undefined;
  /** Whether some steps go to a scheduler: those need nothing of this machine. */
  readonly hasScheduled: boolean;
  /** How often each step has been passed over; kept from turn to turn. */
  readonly passedOver: Map<number, number>;
}

/**
 * How many cores' worth of steps may be with the runner before their cores are free, after a turn that heard of
 * `ended` steps with `before` as its own lookahead. Halved at most, so that one idle turn forgets little.
 */
export function nextLookahead(before: number, ended: number): number {
  const wanted = Math.max(ended * LOOKAHEAD.factor, Math.floor(before / 2));
  return Math.min(LOOKAHEAD.most, Math.max(LOOKAHEAD.least, wanted));
}

/**
 * Chooses ready steps to hand over: as many as the throttle and the machine's cores and gpus allow, oldest
 * first, narrow ones past a wide one that does not fit yet. The model changes by what is returned as if by
 * `apply`, since each choice depends on those before it.
 *
 * Beyond the free cores a few more are handed over ahead of time; the runner starts those in order as cores
 * become free. A step that wants more cores or gpus than there are gets them all. Where the user wants no gpus to
 * be used, steps that ask for some wait: without being given any they would take what they find.
 */
export function dispatch(input: DispatchInput): Dispatched {
  const { model, capacity, throttle, demandOf, passedOver } = input;
  const transitions: Transition[] = [];
  const launches: Launch[] = [];
  const free = freeOf(input);
  let room = throttle === 0 ? TURN_BOUND : Math.min(TURN_BOUND, throttle - model.flights.size);
  if (room <= 0) return { transitions, launches };
  model.ready.offer(OFFER_BOUND + room, (step) => {
    if (!model.isReady(step)) return 'taken';
    if (room <= 0 || (free.cores <= 0 && !input.hasScheduled)) return 'stop';
    const demand = demandOf(step);
    if (demand.gpus > 0 && capacity.withholdsGpus === true) return 'left';
    const cores = Math.min(demand.cores, capacity.cores);
    if (demand.cores > 0 && cores === 0) return 'left';
    const wanted = Math.min(demand.gpus, capacity.gpus);
    if (wanted > free.gpus.length || cores > free.cores) {
      const passes = (passedOver.get(step) ?? 0) + 1;
      passedOver.set(step, passes);
      return passes > PASSED_OVER_BOUND ? 'stop' : 'left';
    }
    passedOver.delete(step);
    const gpus = free.gpus.splice(0, wanted);
    free.cores -= cores;
    room--;
    const launch = launchOf(input, step, { cores, gpus, walltimeMs: demand.walltimeMs });
    const transition = openAttempt(input, launch);
    model.apply(transition);
    model.launch(launch.flight);
    transitions.push(transition);
    launches.push(launch);
    return 'taken';
  });
  return { transitions, launches };
}

function freeOf({ model, capacity, lookahead }: DispatchInput): { cores: number; gpus: number[] } {
  // None at all is the user's word that nothing is to start: then nothing waits at the runner either.
  let cores = capacity.cores === 0 ? 0 : capacity.cores + lookahead;
  const taken = new Set<number>();
  for (const flight of model.flights.values()) {
    cores -= flight.cores;
    for (const gpu of flight.gpus) taken.add(gpu);
  }
  const gpus = Array.from({ length: capacity.gpus }, (_, gpu) => gpu).filter((gpu) => !taken.has(gpu));
  return { cores, gpus };
}

function launchOf(
  { model, hasRestart, retryOf }: DispatchInput,
  step: number,
  demand: { cores: number; gpus: number[]; walltimeMs: number },
): Launch {
  const number = model.counterOf(step, 'attempts') + 1;
  // A step that has been restarted goes on from its checkpoint, whatever made the next attempt necessary.
  const script = model.counterOf(step, 'restarts') > 0 && hasRestart(step) ? 'restart' : 'main';
  const { cores, gpus } = demand;
  // What was nobody's fault, as a resubmission, gives no reason to ask for more.
  const growth = model.counterOf(step, 'retries') + model.counterOf(step, 'restarts');
  const walltimeMs = grown(demand.walltimeMs, retryOf(step)?.grow?.walltime, growth);
  return { flight: { step, number, cores, gpus }, script, walltimeMs, growth };
}

function openAttempt({ now, host }: DispatchInput, { flight, script, growth }: Launch): Transition {
  const { step, number, gpus } = flight;
  return {
    step,
    from: 'INITIALIZED',
    to: 'PENDING',
    at: now,
    why: number === 1 ? 'ready' : `attempt ${number}`,
    attempt: { kind: 'opened', number, script, host, gpus: gpus.join(','), growth },
  };
}
