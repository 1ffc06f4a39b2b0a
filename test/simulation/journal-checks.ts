import { isFinal, isInFlight, mayFollow, type StepState } from '../../src/shared/state/states.ts';
import type { Limits } from '../../src/shared/state/transition.ts';
import type { Conductor } from './conductor.ts';
import { hasFinished, isSuccess } from './truth.ts';
import type { SimulatedWorld } from './world.ts';

interface EventRow {
  readonly id: number;
  readonly step: number | null;
  readonly from: StepState;
  readonly to: StepState;
  readonly why: string;
}

interface StepRow {
  readonly state: StepState;
  readonly attempts: number;
  readonly retries: number;
  readonly restarts: number;
  readonly resubmissions: number;
}

/** For how long a finished step's record may lie there before nobody may say that they know of no end. */
const NOTICE_MS = 15 * 60_000;

/** Holds what conductors record to what is so, after each transaction. */
export class JournalChecks {
  /** The states that the event log amounts to. */
  readonly states: StepState[];
  /** How often each step has been handed over, by the event log. */
  readonly handedOver: number[];
  private readonly world: SimulatedWorld;
  private lastEvent = 0;
  private readonly epochs = new Map<Conductor, number>();
  /** The largest that each limit has been: what was allowed once need not be taken back. */
  private readonly allowed: { attempts: number; rlimit: number };

  constructor(world: SimulatedWorld) {
    this.world = world;
    const { count } = world.graph;
    this.states = Array.from({ length: count }, () => 'INITIALIZED');
    this.handedOver = Array.from({ length: count }, () => 0);
    const { attempts, rlimit } = world.scenario.study.limits;
    this.allowed = { attempts, rlimit: rlimit || Number.POSITIVE_INFINITY };
  }

  /** A conductor has written something. */
  committed(conductor: Conductor): void {
    this.checkEpoch(conductor);
    const limits = this.world
      .statement('SELECT attempts, rlimit, throttle, sleeptime FROM limits')
      .get() as Limits;
    this.allowed.rlimit = Math.max(this.allowed.rlimit, limits.rlimit || Number.POSITIVE_INFINITY);
    const events = this.world
      .statement(
        'SELECT id, step, from_state AS "from", to_state AS "to", why FROM event WHERE id > ? ORDER BY id',
      )
      .all(this.lastEvent) as EventRow[];
    let hasOpened = false;
    for (const event of events) {
      this.lastEvent = event.id;
      if (event.step === null) continue;
      this.replay(event.step, event);
      hasOpened ||= event.to === 'PENDING';
    }
    for (const step of new Set(events.map((event) => event.step))) if (step !== null) this.compare(step);
    if (hasOpened) this.checkThrottle(limits);
  }

  private violate(what: string): void {
    this.world.violate(what);
  }

  /** Who has been replaced must not write. */
  private checkEpoch(conductor: Conductor): void {
    const epoch = this.world.statement('SELECT epoch FROM lease').pluck().get() as number;
    const own = this.epochs.get(conductor);
    if (own === undefined) this.epochs.set(conductor, epoch);
    else if (own !== epoch)
      this.violate(`conductor ${conductor.index} writes with epoch ${own}, and it is ${epoch} now`);
  }

  private replay(step: number, { from, to, why }: EventRow): void {
    const before = this.states[step]!;
    this.world.trace(() => `  ${step}: ${from} -> ${to} (${why})`);
    if (before !== from) this.violate(`step ${step} goes from ${from} to ${to}, and was ${before}`);
    if (!mayFollow(from, to)) this.violate(`step ${step} goes from ${from} to ${to}, which no table allows`);
    if (before === 'FINISHED') this.violate(`step ${step} has finished, and becomes ${to} (${why})`);
    if (to === 'PENDING') this.open(step);
    else this.settle(step, from, to);
    this.states[step] = to;
  }

  private open(step: number): void {
    this.handedOver[step]!++;
    const { truth } = this.world;
    for (const parent of truth.parentsOf(step)) {
      if (this.states[parent] !== 'FINISHED')
        this.violate(`step ${step} is handed over before its parent ${parent} has finished`);
    }
    if (truth.runs[step]!.some((run) => run.end === undefined)) {
      this.violate(`step ${step} is handed over again, and still runs`);
    }
    if (truth.runs[step]!.some(isSuccess))
      this.violate(`step ${step} is handed over again, and has finished`);
  }

  /** What is said of an attempt must not be known to be otherwise. */
  private settle(step: number, from: StepState, to: StepState): void {
    if (!isInFlight(from) || isInFlight(to)) return;
    const { truth, timeline } = this.world;
    const number = this.handedOver[step]!;
    const run = truth.runs[step]!.findLast((each) => each.number === number);
    const what = `step ${step} attempt ${number} is called ${to}`;
    if (to === 'FINISHED' && (run === undefined || !hasFinished(run)))
      this.violate(`${what}, and has not finished`);
    const isForgotten =
      run !== undefined && isSuccess(run) && timeline.now - (run.knownAt ?? timeline.now) > NOTICE_MS;
    if (to !== 'FINISHED' && isForgotten) this.violate(`${what}, and has finished`);
    // A machine that goes down may take the last trace of a step with it, and ends it.
    if (to === 'INITIALIZED' && run !== undefined && run.end?.by !== 'machine') {
      this.violate(`${what}: dropped, and has run`);
    }
    if (to === 'HWFAILURE' && run !== undefined && run.end === undefined)
      this.violate(`${what}, and still runs`);
  }

  /** The rows of a step, held against its events and its limits. */
  private compare(step: number): void {
    const row = this.world
      .statement('SELECT state, attempts, retries, restarts, resubmissions FROM step WHERE id = ?')
      .get(step) as StepRow;
    if (row.state !== this.states[step])
      this.violate(`step ${step} is ${row.state}, by its events ${this.states[step]}`);
    if (row.attempts !== this.handedOver[step]) {
      this.violate(`step ${step} has ${row.attempts} attempts, by its events ${this.handedOver[step]}`);
    }
    if (row.retries >= this.allowed.attempts && row.retries > 0)
      this.violate(`step ${step} is tried ${row.retries + 1} times`);
    if (row.restarts > this.allowed.rlimit) this.violate(`step ${step} is restarted ${row.restarts} times`);
    if (row.resubmissions > this.world.scenario.study.resubmits) {
      this.violate(`step ${step} is resubmitted ${row.resubmissions} times`);
    }
  }

  private checkThrottle({ throttle }: Limits): void {
    const inFlight = this.states.filter(isInFlight).length;
    if (throttle > 0 && inFlight > throttle)
      this.violate(`${inFlight} are in flight, and the throttle is ${throttle}`);
  }

  /** Whether nothing is left that could change. */
  get areAllFinal(): boolean {
    return this.states.every(isFinal);
  }
}
