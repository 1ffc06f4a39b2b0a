import { FINAL, fellShort, isFinal, STEP_STATES, type StepState } from '../shared/state/states.ts';
import type { Transition } from '../shared/state/transition.ts';
import type { Graph } from './graph.ts';
import { createReadyQueue, type ReadyQueue } from './ready-queue.ts';

/** What a step needs of this machine. */
export interface Demand {
  readonly cores: number;
  readonly gpus: number;
  /** 0: no limit. */
  readonly walltimeMs: number;
}

/** An attempt that is with the runner or a scheduler. */
export interface Flight {
  readonly step: number;
  readonly number: number;
  readonly cores: number;
  readonly gpus: readonly number[];
}

/** A step's counters as the store has them. */
export interface StepCounters {
  readonly attempts: number;
  readonly retries: number;
  readonly restarts: number;
  readonly resubmissions: number;
}

/** A step's row as a conductor finds it in the store. */
export interface StoredStep extends StepCounters {
  readonly state: StepState;
  /** When a step that waits for its next try may be tried, in Unix milliseconds, and for how long it waits in all. */
  readonly notBefore: number | null;
  readonly waitMs: number | null;
}

/** A pause before a step's next try. */
interface Delay {
  readonly notBefore: number;
  readonly waitMs: number;
}

const CODE = new Map(STEP_STATES.map((state, code) => [state, code]));

/**
 * The study in the conductor's memory: states as columns, what waits, what flies. It is changed by `apply`
 * alone, one transition at a time, and the same transitions go to the store: read back from there, the model
 * is the same.
 */
export class Model {
  readonly graph: Graph;
  /** Steps that may be submitted. */
  readonly ready: ReadyQueue = createReadyQueue();
  /** Steps that may be submitted again, but not before a time. */
  private readonly delayed = new Map<number, Delay>();
  /** The earliest of those times, or one before it. */
  private nextDue = Number.POSITIVE_INFINITY;
  private lookedAt = Number.POSITIVE_INFINITY;
  readonly flights = new Map<number, Flight>();
  readonly counts = new Map<StepState, number>();
  private readonly states: Uint8Array;
  private readonly counters: Record<keyof StepCounters, Uint32Array>;
  /** Plain parents and funnelled groups that have not finished, for each step. */
  private readonly unmet: Uint32Array;
  /** Members of each template that have not finished. */
  private readonly groupUnmet: Uint32Array;
  /** Members of each template that settled otherwise than FINISHED: while there are any, nothing that funnels it can run. */
  private readonly groupFailed: Uint32Array;
  private unsettledCount = 0;

  constructor(graph: Graph, stored: Iterable<StoredStep>, flights: Iterable<Flight>) {
    const { count } = graph;
    this.graph = graph;
    this.states = new Uint8Array(count);
    this.counters = {
      attempts: new Uint32Array(count),
      retries: new Uint32Array(count),
      restarts: new Uint32Array(count),
      resubmissions: new Uint32Array(count),
    };
    this.unmet = new Uint32Array(count);
    this.groupUnmet = new Uint32Array(graph.funnels.length);
    this.groupFailed = new Uint32Array(graph.funnels.length);
    this.load(stored);
    this.countUnmet();
    for (const flight of flights) this.flights.set(flight.step, flight);
    for (let step = 0; step < count; step++) this.readyIfMet(step);
  }

  /** How many steps the study has, without those that were removed. */
  get total(): number {
    return this.graph.count - (this.counts.get('REMOVED') ?? 0);
  }

  /** How many steps are not yet in a state that a study may end in. */
  get unsettled(): number {
    return this.unsettledCount;
  }

  stateOf(step: number): StepState {
    return STEP_STATES[this.states[step]!]!;
  }

  counterOf(step: number, counter: keyof StepCounters): number {
    return this.counters[counter][step]!;
  }

  /** Whether the group of this template's steps can no longer finish as a whole. */
  hasFailed(template: number): boolean {
    return this.groupFailed[template]! > 0;
  }

  /** Whether a step that was ready still is: its parents may be run again since, or it may be gone. */
  isReady(step: number): boolean {
    return this.unmet[step] === 0 && this.stateOf(step) === 'INITIALIZED' && !this.delayed.has(step);
  }

  /** Applies a transition and what follows from it: children that become ready, flights that open and end. */
  apply(transition: Transition): void {
    const { step, from, to, attempt, again } = transition;
    this.setState(step, from, to);
    if (attempt?.kind === 'opened') this.counters.attempts[step] = attempt.number;
    if (attempt?.kind === 'ended') this.flights.delete(step);
    if (again === 'retry') this.counters.retries[step]!++;
    if (again === 'restart') this.counters.restarts[step]!++;
    if (again === 'resubmission') this.counters.resubmissions[step]!++;
    if (transition.isFresh === true) this.forget(step);
    if (from === 'FINISHED') this.unfinish(step);
    if (to === 'FINISHED') this.finish(step);
    this.delayed.delete(step);
    if (to !== 'INITIALIZED') return;
    if (transition.notBefore === undefined) this.readyIfMet(step);
    else this.delay(step, transition.notBefore, transition.notBefore - transition.at);
  }

  /** Makes those ready whose time has come; answers when the next one's comes. */
  releaseDue(now: number): number | undefined {
    // A clock that was set back must not make anybody wait for longer than was meant.
    if (now >= this.nextDue || now < this.lookedAt) {
      this.nextDue = Number.POSITIVE_INFINITY;
      for (const [step, { notBefore, waitMs }] of [...this.delayed]) {
        if (notBefore <= now || notBefore - now > waitMs) this.release(step);
        else this.nextDue = Math.min(this.nextDue, notBefore);
      }
    }
    this.lookedAt = now;
    return this.delayed.size === 0 ? undefined : this.nextDue;
  }

  /** Notes an attempt that was just opened. */
  launch(flight: Flight): void {
    this.flights.set(flight.step, flight);
  }

  private delay(step: number, notBefore: number, waitMs: number): void {
    this.delayed.set(step, { notBefore, waitMs });
    this.nextDue = Math.min(this.nextDue, notBefore);
  }

  private release(step: number): void {
    this.delayed.delete(step);
    this.readyIfMet(step);
  }

  private load(stored: Iterable<StoredStep>): void {
    let step = 0;
    for (const row of stored) {
      this.states[step] = CODE.get(row.state)!;
      this.counts.set(row.state, (this.counts.get(row.state) ?? 0) + 1);
      for (const counter of ['attempts', 'retries', 'restarts', 'resubmissions'] as const) {
        this.counters[counter][step] = row[counter];
      }
      const template = this.graph.template[step]!;
      if (row.notBefore !== null) this.delay(step, row.notBefore, row.waitMs ?? 0);
      if (row.state !== 'FINISHED') this.groupUnmet[template]!++;
      if (!isFinal(row.state)) this.unsettledCount++;
      else if (fellShort(row.state)) this.groupFailed[template]!++;
      step++;
    }
  }

  private countUnmet(): void {
    const { count, template, parents, parentsStart, funnels } = this.graph;
    const finished = CODE.get('FINISHED')!;
    for (let step = 0; step < count; step++) {
      let unmet = 0;
      for (let at = parentsStart[step]!; at < parentsStart[step + 1]!; at++) {
        if (this.states[parents[at]!] !== finished) unmet++;
      }
      for (const group of funnels[template[step]!]!) {
        if (this.groupUnmet[group]! > 0) unmet++;
      }
      this.unmet[step] = unmet;
    }
  }

  private setState(step: number, from: StepState, to: StepState): void {
    this.states[step] = CODE.get(to)!;
    this.counts.set(from, (this.counts.get(from) ?? 0) - 1);
    this.counts.set(to, (this.counts.get(to) ?? 0) + 1);
    this.unsettledCount += Number(isFinal(from)) - Number(isFinal(to));
    const group = this.graph.template[step]!;
    this.groupFailed[group]! += Number(fellShort(to)) - Number(fellShort(from));
  }

  private finish(step: number): void {
    const { children, childrenStart, template, funnelled, members, membersStart } = this.graph;
    for (let at = childrenStart[step]!; at < childrenStart[step + 1]!; at++) this.meet(children[at]!);
    const group = template[step]!;
    this.groupUnmet[group]!--;
    if (this.groupUnmet[group]! > 0) return;
    for (const dependant of funnelled[group]!) {
      for (let at = membersStart[dependant]!; at < membersStart[dependant + 1]!; at++) {
        this.meet(members[at]!);
      }
    }
  }

  /** The reverse of `finish`, for a step that is run again: its children have one parent less that has finished. */
  private unfinish(step: number): void {
    const { children, childrenStart, template, funnelled, members, membersStart } = this.graph;
    for (let at = childrenStart[step]!; at < childrenStart[step + 1]!; at++) this.unmet[children[at]!]!++;
    const group = template[step]!;
    this.groupUnmet[group]!++;
    if (this.groupUnmet[group]! > 1) return;
    for (const dependant of funnelled[group]!) {
      for (let at = membersStart[dependant]!; at < membersStart[dependant + 1]!; at++) {
        this.unmet[members[at]!]!++;
      }
    }
  }

  private forget(step: number): void {
    this.counters.retries[step] = 0;
    this.counters.restarts[step] = 0;
    this.counters.resubmissions[step] = 0;
  }

  private meet(step: number): void {
    this.unmet[step]!--;
    this.readyIfMet(step);
  }

  private readyIfMet(step: number): void {
    if (this.isReady(step)) this.ready.push(step);
  }
}

/** Whether nothing is left to do: all steps settled, nothing in flight. */
export function isOver(model: Model): boolean {
  return model.unsettled === 0 && model.flights.size === 0;
}

/** How a study that is over ended. */
export function outcomeOf(model: Model): 'finished' | 'failed' | 'cancelled' {
  if ((model.counts.get('CANCELLED') ?? 0) > 0) return 'cancelled';
  return FINAL.filter(fellShort).some((state) => (model.counts.get(state) ?? 0) > 0) ? 'failed' : 'finished';
}
