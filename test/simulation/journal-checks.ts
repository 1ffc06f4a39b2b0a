import { isAnswerTo } from '../../src/shared/repair-answer.ts';
import { isFinal, isInFlight, mayFollow, type StepState } from '../../src/shared/state/states.ts';
import type { Limits } from '../../src/shared/state/transition.ts';
import type { Conductor } from './conductor.ts';
import { hasFinished, isSuccess, type Run } from './truth.ts';
import type { SimulatedWorld } from './world.ts';

interface EventRow {
  readonly id: number;
  readonly at: number;
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
  readonly notBefore: number | null;
}

interface LeaseRow {
  readonly epoch: number;
  readonly host: string;
  readonly pid: number;
}

/** How old the record of a finished step may be of which somebody says that they know of no end. */
const NOTICE_MS = { usually: 10_000, afterTrouble: 15 * 60_000 } as const;

/** Until nothing runs any more in a cancelled study: a poll of the scheduler, and the graces. */
const CANCEL_MS = 5 * 60_000;

/** Why a step goes back to its beginning that a user wants again. */
const SET_BACK = 'to be run again, by request';

/** Holds what conductors record to what is so, after each transaction. */
export class JournalChecks {
  /** The states that the event log amounts to. */
  readonly states: StepState[];
  /** How often each step has been handed over, by the event log. */
  readonly handedOver: number[];
  private readonly world: SimulatedWorld;
  private lastEvent = 0;
  /** How often each step was set back to its beginning by request. */
  private readonly setBack: number[];
  /** Until when each step is to wait for its next try, by the time of whoever said so. */
  private readonly notBefore: (number | null)[];
  /** Clocks that are set tell nothing about how long somebody has waited. */
  private readonly hasSteadyClocks: boolean;
  /** Who recorded, or found on record, that the study is to be cancelled. */
  private cancelledBy: Conductor | undefined;
  private readonly epochs = new Map<Conductor, number>();
  /** The largest that each limit has been: what was allowed once need not be taken back. */
  private readonly allowed: { attempts: number; rlimit: number };

  constructor(world: SimulatedWorld) {
    this.world = world;
    const { count } = world.graph;
    this.states = Array.from({ length: count }, () => 'INITIALIZED');
    this.handedOver = Array.from({ length: count }, () => 0);
    this.setBack = Array.from({ length: count }, () => 0);
    this.notBefore = Array.from({ length: count }, () => null);
    this.hasSteadyClocks = world.scenario.faults.every(({ kind }) => kind !== 'set clock');
    const { attempts, rlimit } = world.scenario.study.limits;
    this.allowed = { attempts, rlimit: rlimit || Number.POSITIVE_INFINITY };
  }

  /** A conductor has written something. */
  committed(conductor: Conductor): void {
    this.checkEpoch(conductor);
    const limits = this.world
      .statement('SELECT attempts, rlimit, throttle, sleeptime FROM limits')
      .get() as Limits;
    this.allowed.attempts = Math.max(this.allowed.attempts, limits.attempts);
    this.allowed.rlimit = Math.max(this.allowed.rlimit, limits.rlimit || Number.POSITIVE_INFINITY);
    const events = this.world
      .statement(
        'SELECT id, at, step, from_state AS "from", to_state AS "to", why FROM event WHERE id > ? ORDER BY id',
      )
      .all(this.lastEvent) as EventRow[];
    let hasOpened = false;
    for (const event of events) {
      this.lastEvent = event.id;
      if (event.step === null) {
        this.answered(event.why);
        continue;
      }
      this.replay(event.step, event, conductor);
      hasOpened ||= event.to === 'PENDING';
    }
    for (const step of new Set(events.map((event) => event.step))) if (step !== null) this.compare(step);
    if (hasOpened) this.checkOpened(limits);
    this.checkCancel(conductor);
  }

  /** What ran when a cancel went on record is to be ended by the conductor that recorded it, if nothing disturbs it. */
  private checkCancel(conductor: Conductor): void {
    const asked = this.world.statement('SELECT cancel_requested_at FROM study').pluck().get() as
      | number
      | null;
    if (asked === null) this.cancelledBy = undefined;
    if (asked === null || this.cancelledBy === conductor) return;
    this.cancelledBy = conductor;
    const { timeline, truth, cluster } = this.world;
    const since = timeline.now;
    const running = truth.live;
    timeline.after(CANCEL_MS, () => {
      const wasDisturbed = this.world.troubles.length > 0 || this.world.disturbedAt >= since;
      const wasAway = !conductor.isAlive || conductor.hasEnded || conductor.wasStopped;
      if (wasDisturbed || wasAway || cluster.wasDown(since)) return;
      // Somebody has asked for steps again in between: then it is another cancel, or none.
      if (this.cancelledBy !== conductor) return;
      const left = running.find((run) => run.end === undefined && this.canBeSeen(run, conductor));
      if (left !== undefined) this.violate(`step ${left.step} (${left.place}) runs on after a cancel`);
    });
  }

  private violate(what: string): void {
    this.world.violate(what);
  }

  /** Who has been replaced must not write, and who can be seen to live must not be replaced. */
  private checkEpoch(conductor: Conductor): void {
    const { epoch, host, pid } = this.world.statement('SELECT epoch, host, pid FROM lease').get() as LeaseRow;
    const own = this.epochs.get(conductor);
    if (own !== undefined && own !== epoch) {
      this.violate(`conductor ${conductor.index} writes with epoch ${own}, and it is ${epoch} now`);
    }
    const hasAcquired = host === conductor.host.name && pid === conductor.process.pid;
    if (own !== undefined || !hasAcquired) return;
    for (const [other, before] of this.epochs) {
      const isReplaced = before === epoch - 1 && other.isAlive && !other.hasEnded;
      if (isReplaced && other.host === conductor.host) {
        this.violate(`conductor ${conductor.index} replaces ${other.index}, which lives on its host`);
      }
    }
    this.epochs.set(conductor, epoch);
  }

  private replay(step: number, { at, from, to, why }: EventRow, conductor: Conductor): void {
    const before = this.states[step]!;
    this.world.trace(() => `  ${step}: ${from} -> ${to} (${why})`);
    if (before !== from) this.violate(`step ${step} goes from ${from} to ${to}, and was ${before}`);
    if (!mayFollow(from, to)) this.violate(`step ${step} goes from ${from} to ${to}, which no table allows`);
    if (isFinal(from) && why === SET_BACK) this.restart(step);
    else if (before === 'FINISHED') this.violate(`step ${step} has finished, and becomes ${to} (${why})`);
    if (to === 'PENDING') this.open(step, at);
    else this.settle(step, from, to, conductor);
    this.states[step] = to;
  }

  /** A user gets what was asked for, and no more often than that. */
  private restart(step: number): void {
    this.setBack[step]!++;
    this.world.truth.forgive(step, this.handedOver[step]!);
    const asked = this.world.requests.askedFor(step);
    if (this.setBack[step]! > asked)
      this.violate(`step ${step} is set back ${this.setBack[step]} times, and was asked for ${asked} times`);
  }

  private answered(why: string): void {
    if (isAnswerTo('retry', why)) this.world.requests.reopened();
    if (isAnswerTo('cancel-steps', why)) this.world.requests.partCancelled();
  }

  private open(step: number, at: number): void {
    this.handedOver[step]!++;
    const notBefore = this.notBefore[step] ?? at;
    if (at < notBefore && this.hasSteadyClocks)
      this.violate(`step ${step} is tried again ${notBefore - at} ms before its pause is over`);
    const { truth } = this.world;
    if (this.world.statement('SELECT is_doomed FROM step WHERE id = ?').pluck().get(step) === 1)
      this.violate(`step ${step} is handed over, and was cancelled by request`);
    for (const parent of truth.parentsOf(step)) {
      if (this.states[parent] !== 'FINISHED')
        this.violate(`step ${step} is handed over before its parent ${parent} has finished`);
    }
    const runs = truth.runs[step]!.filter((run) => truth.counts(run));
    if (runs.some((run) => run.end === undefined)) {
      this.violate(`step ${step} is handed over again, and still runs`);
    }
    if (runs.some(isSuccess)) this.violate(`step ${step} is handed over again, and has finished`);
  }

  /** What is said of an attempt must not be known to be otherwise. */
  private settle(step: number, from: StepState, to: StepState, conductor: Conductor): void {
    if (!isInFlight(from) || isInFlight(to)) return;
    const { truth, timeline } = this.world;
    const number = this.handedOver[step]!;
    const run = truth.runs[step]!.findLast((each) => each.number === number);
    const what = `step ${step} attempt ${number} is called ${to}`;
    if (to === 'FINISHED' && (run === undefined || !hasFinished(run)))
      this.violate(`${what}, and has not finished`);
    const isForgotten =
      run !== undefined && isSuccess(run) && timeline.now - (run.knownAt ?? timeline.now) > this.noticeMs;
    if (to !== 'FINISHED' && isForgotten) this.violate(`${what}, and has finished`);
    if (to === 'UNKNOWN' && run !== undefined && run.end === undefined && this.canBeSeen(run, conductor)) {
      this.violate(`${what}, and it can be seen to run`);
    }
    // A machine that goes down may take the last trace of a step with it, and ends it.
    if (to === 'INITIALIZED' && run !== undefined && run.end?.by !== 'machine') {
      this.violate(`${what}: dropped, and has run`);
    }
    if (to === 'HWFAILURE' && run !== undefined && run.end === undefined)
      this.violate(`${what}, and still runs`);
  }

  /** Whether a conductor that looks can see that it runs: on its own host, or in the scheduler's queue. */
  private canBeSeen({ where }: Run, { host }: Conductor): boolean {
    if ('job' in where) return this.world.cluster.knows(where.job);
    return where.host === host.name && host.leadsGroup(where.pid);
  }

  private get noticeMs(): number {
    const { troubles, disturbedAt, timeline } = this.world;
    const isLate = troubles.length > 0 || timeline.now - disturbedAt < NOTICE_MS.afterTrouble;
    return isLate ? NOTICE_MS.afterTrouble : NOTICE_MS.usually;
  }

  /** The rows of a step, held against its events and its limits. */
  private compare(step: number): void {
    const row = this.world
      .statement(
        'SELECT state, attempts, retries, restarts, resubmissions, not_before AS notBefore FROM step WHERE id = ?',
      )
      .get(step) as StepRow;
    this.notBefore[step] = row.notBefore;
    if (row.state !== this.states[step])
      this.violate(`step ${step} is ${row.state}, by its events ${this.states[step]}`);
    if (row.attempts !== this.handedOver[step]) {
      this.violate(`step ${step} has ${row.attempts} attempts, by its events ${this.handedOver[step]}`);
    }
    const { retry, isScheduled } = this.world.planOf(step);
    const own = retry?.attempts ?? this.allowed.attempts;
    // What a scheduler refuses is submitted again as often as either allows.
    const tries = isScheduled ? Math.max(own, this.allowed.attempts) : own;
    if (row.retries >= tries && row.retries > 0)
      this.violate(`step ${step} is tried ${row.retries + 1} times`);
    if (row.restarts > this.allowed.rlimit) this.violate(`step ${step} is restarted ${row.restarts} times`);
    if (row.resubmissions > this.world.scenario.study.resubmits) {
      this.violate(`step ${step} is resubmitted ${row.resubmissions} times`);
    }
  }

  private checkOpened({ throttle }: Limits): void {
    const study = this.world
      .statement('SELECT is_paused AS isPaused, cancel_requested_at AS cancelledAt FROM study')
      .get() as { isPaused: number; cancelledAt: number | null };
    if (study.isPaused === 1) this.violate('a step is handed over, and the study is paused');
    if (study.cancelledAt !== null) this.violate('a step is handed over, and the study is cancelled');
    const inFlight = this.states.filter(isInFlight).length;
    if (throttle > 0 && inFlight > throttle)
      this.violate(`${inFlight} are in flight, and the throttle is ${throttle}`);
  }

  /** Whether nothing is left that could change. */
  get areAllFinal(): boolean {
    return this.states.every(isFinal);
  }
}
