import type { Clock } from '../shared/clock.ts';
import type { ControlRequest } from '../shared/control.ts';
import { type Journal, LeaseLost, type Note, type Turn } from '../shared/state/journal.ts';
import { HEARTBEAT_MS } from '../shared/state/lease.ts';
import type { StepState } from '../shared/state/states.ts';
import type { Limits, Transition } from '../shared/state/transition.ts';
import { CONTROL_POLL_MS, LOOKAHEAD, OUTAGE_MS, OUTAGE_PAUSE_MS, TURN_BOUND } from './bounds.ts';
import { type Capacity, dispatch, type Launch, nextLookahead } from './dispatch.ts';
import type { Exporter } from './exporter.ts';
import type { Inbox } from './inbox.ts';
import { type Demand, type Flight, isOver, type Model, outcomeOf } from './model.ts';
import type { AttemptKey, Observation } from './observation.ts';
import { isOutage, settle, settleCancel } from './settle.ts';

/** What the loop hears: of attempts, of the user, of the system. */
export type Message =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'requested'; readonly request: ControlRequest }
  /** A signal asks the conductor, not its steps, to stop. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Nobody waits for this machine's steps any more: what runs must be looked at anew. */
  | { readonly kind: 'runner-died'; readonly how: string };

/** Where steps are started and ended. Neither call waits or throws; what comes of it arrives in the inbox. */
export interface StepScheduler {
  launch(launches: readonly Launch[]): void;
  cancel(attempts: readonly AttemptKey[]): void;
  /** Starts nothing more and takes back what has not started; what runs goes on. */
  close(): void;
}

/** The part of a logger that the loop uses. */
export interface LogLine {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What an onlooker is told after each turn that changed something. */
export interface Progress {
  readonly counts: ReadonlyMap<StepState, number>;
  readonly total: number;
  readonly transitions: readonly Transition[];
}

/** Everything that the loop needs of the world. */
export interface LoopPorts {
  readonly clock: Clock;
  readonly inbox: Inbox<Message>;
  readonly journal: Journal;
  readonly scheduler: StepScheduler;
  readonly exporter: Exporter;
  readonly log: LogLine;
  /** Requests left in the study directory. Throws where that directory has vanished. */
  readonly takeRequests: () => ControlRequest[];
  readonly onProgress: (progress: Progress) => void;
  /** The user has changed the limits. */
  readonly onLimits: (limits: Limits) => void;
}

/** The study as the loop finds it. */
export interface LoopStudy {
  readonly model: Model;
  readonly capacity: Capacity;
  readonly host: string;
  readonly limits: Limits;
  readonly isCancelling: boolean;
  readonly demandOf: (step: number) => Demand;
  readonly hasRestart: (step: number) => boolean;
  /** Whether some steps go to a scheduler. */
  readonly hasScheduled: boolean;
  readonly resubmits: number;
  readonly nameOf: (step: number) => string;
}

/** How a loop ended. `stopped` and `troubled` studies can be resumed. */
export type Ending =
  | { readonly kind: 'over'; readonly outcome: 'finished' | 'failed' | 'cancelled' }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'troubled'; readonly why: string }
  /** To be recovered from as if the conductor had died. */
  | { readonly kind: 'runner-died'; readonly how: string };

/**
 * Conducts a study: observe, decide, record, act, wait, until all steps have settled or the conductor is told
 * to stop. Nothing is acted on before it is recorded.
 */
export function createLoop(study: LoopStudy, ports: LoopPorts): { run(): Promise<Ending> } {
  const loop = new Loop(study, ports);
  return { run: () => loop.run() };
}

class Loop {
  private readonly study: LoopStudy;
  private readonly ports: LoopPorts;
  private limits: Limits;
  private cancelling: boolean;
  private stopping: string | undefined;
  private runnerDied: string | undefined;
  private outage: { since: number; pause: number; until: number; why: string } | undefined;
  private recordedAt = 0;
  private nextDue: number | undefined;
  private lookahead: number = LOOKAHEAD.least;
  private readonly passedOver = new Map<number, number>();

  constructor(study: LoopStudy, ports: LoopPorts) {
    this.study = study;
    this.ports = ports;
    this.limits = study.limits;
    this.cancelling = study.isCancelling;
  }

  async run(): Promise<Ending> {
    const { model } = this.study;
    const { clock, inbox, exporter } = this.ports;
    if (this.cancelling) await this.cancel([], []);
    for (;;) {
      const trouble = await this.turn();
      if (trouble !== undefined) return { kind: 'troubled', why: trouble };
      if (isOver(model)) return this.end();
      if (this.runnerDied !== undefined) return { kind: 'runner-died', how: this.runnerDied };
      if (this.stopping !== undefined && this.isQuiet()) return { kind: 'stopped', why: this.stopping };
      const now = clock.now();
      const exportDue = exporter.tick(now) ?? CONTROL_POLL_MS;
      const outageDue = this.outage === undefined ? CONTROL_POLL_MS : Math.max(0, this.outage.until - now);
      const stepDue = this.nextDue === undefined ? CONTROL_POLL_MS : Math.max(0, this.nextDue - now);
      await inbox.sleep(Math.min(CONTROL_POLL_MS, exportDue, outageDue, stepDue));
    }
  }

  /** One turn. Answers why it cannot go on, if it cannot. */
  private async turn(): Promise<string | undefined> {
    const messages = this.hear();
    if (typeof messages === 'string') return messages;
    const transitions: Transition[] = [];
    const notes: Note[] = [];
    let limits: Limits | undefined;
    let cancels = false;
    for (const message of messages) {
      if (message.kind === 'observed') transitions.push(...this.settle(message.observation));
      else if (message.kind === 'stop') this.stop(message.why, notes);
      else if (message.kind === 'runner-died') this.runnerDied = message.how;
      else if (message.request.kind === 'cancel') cancels = true;
      else limits = this.changeLimits(message.request, notes) ?? limits;
    }
    if (cancels && !this.cancelling) return this.cancel(transitions, notes);
    this.lookahead = nextLookahead(this.lookahead, messages.filter(isEnd).length);
    const launches = this.dispatch(transitions);
    const turn: Turn = { transitions, notes, ...(limits === undefined ? {} : { limits }) };
    const trouble = this.isWorthRecording(turn) ? await this.record(turn) : undefined;
    if (trouble !== undefined) return trouble;
    if (launches.length > 0) this.ports.scheduler.launch(launches);
    return this.outageEnd();
  }

  /** Messages and requests; the reason to stop where the study directory has gone. */
  private hear(): Message[] | string {
    try {
      const requests = this.ports.takeRequests();
      return [
        ...this.ports.inbox.drain(),
        ...requests.map((request): Message => ({ kind: 'requested', request })),
      ];
    } catch (error) {
      return `the study directory cannot be read: ${(error as Error).message}`;
    }
  }

  private settle(observation: Observation): Transition[] {
    const { model, hasRestart, nameOf, resubmits } = this.study;
    const { limits, cancelling } = this;
    const circumstances = { limits, cancelling, hasRestart, nameOf, resubmits };
    const transitions = settle(model, observation, circumstances);
    for (const transition of transitions) model.apply(transition);
    if (transitions.length > 0) this.noteOutage(observation);
    return transitions;
  }

  private dispatch(transitions: Transition[]): Launch[] {
    const isHeld = this.outage !== undefined && this.ports.clock.now() < this.outage.until;
    const isBarred = this.cancelling || this.stopping !== undefined || this.runnerDied !== undefined;
    if (isBarred || isHeld) return [];
    const { model, capacity, host, demandOf, hasRestart, hasScheduled } = this.study;
    const { passedOver, limits, lookahead } = this;
    const now = this.ports.clock.now();
    this.nextDue = model.releaseDue(now);
    const { throttle } = limits;
    const chosen = dispatch({
      model,
      capacity,
      lookahead,
      throttle,
      now,
      host,
      demandOf,
      hasRestart,
      hasScheduled,
      passedOver,
    });
    transitions.push(...chosen.transitions);
    // A turn that was full has left some: the next one comes at once.
    if (chosen.launches.length >= TURN_BOUND) this.ports.inbox.wake();
    return chosen.launches;
  }

  /** Cancels what has not started, records that, then ends what runs. */
  private async cancel(before: Transition[], notes: Note[]): Promise<string | undefined> {
    const { model } = this.study;
    const at = this.ports.clock.now();
    this.cancelling = true;
    const transitions = settleCancel(model, at);
    for (const transition of transitions) model.apply(transition);
    model.ready.clear();
    this.ports.log.info(`cancelling: ${model.flights.size} in flight, ${transitions.length} not started`);
    const trouble = await this.record({
      transitions: [...before, ...transitions],
      notes: [...notes, { at, why: 'cancelled by request' }],
      cancelRequestedAt: at,
    });
    if (trouble !== undefined) return trouble;
    this.ports.scheduler.cancel([...model.flights.values()].map(keyOf));
    return undefined;
  }

  private stop(why: string, notes: Note[]): void {
    if (this.stopping !== undefined) return;
    this.stopping = why;
    notes.push({ at: this.ports.clock.now(), why });
    this.ports.log.info(`${why}; running steps go on, maestro resume takes over from here`);
    this.ports.scheduler.close();
  }

  /** Nothing that was handed over waits to be started: what is in flight runs without a conductor. */
  private isQuiet(): boolean {
    const { model } = this.study;
    return [...model.flights.keys()].every((step) => model.stateOf(step) !== 'PENDING');
  }

  private changeLimits(
    request: Exclude<ControlRequest, { kind: 'cancel' }>,
    notes: Note[],
  ): Limits | undefined {
    const at = this.ports.clock.now();
    if (request.kind === 'garbage') {
      const why = `${request.file} was not understood and is removed: ${request.problem}`;
      this.ports.log.error(why);
      notes.push({ at, why });
      return undefined;
    }
    const { throttle, rlimit, sleep } = request.update;
    this.limits = {
      ...this.limits,
      throttle: throttle ?? this.limits.throttle,
      rlimit: rlimit ?? this.limits.rlimit,
      sleeptime: sleep ?? this.limits.sleeptime,
    };
    const text = `throttle ${this.limits.throttle}, rlimit ${this.limits.rlimit}, sleep ${this.limits.sleeptime}`;
    this.ports.log.info(`limits are now ${text}`);
    notes.push({ at, why: `limits changed: ${text}` });
    this.ports.onLimits(this.limits);
    return this.limits;
  }

  private async end(): Promise<Ending> {
    const outcome = outcomeOf(this.study.model);
    const at = this.ports.clock.now();
    const trouble = await this.record({ transitions: [], notes: [], ended: { outcome, at } });
    if (trouble !== undefined) return { kind: 'troubled', why: trouble };
    this.ports.exporter.touch();
    this.ports.exporter.flush(at);
    return { kind: 'over', outcome };
  }

  /** A turn in which nothing happened is recorded only when it is time to say that the conductor lives. */
  private isWorthRecording({ transitions, notes, limits }: Turn): boolean {
    if (transitions.length > 0 || notes.length > 0 || limits !== undefined) return true;
    return Math.abs(this.ports.clock.now() - this.recordedAt) >= HEARTBEAT_MS;
  }

  /** Records a turn; a disk that is full is waited for, within a bound. Answers why it gave up. */
  private async record(turn: Turn): Promise<string | undefined> {
    const { clock, journal, log, inbox } = this.ports;
    const since = clock.now();
    let pause: number = OUTAGE_PAUSE_MS.first;
    for (let tries = 0; ; tries++) {
      try {
        journal.record(turn, clock.now());
        this.recordedAt = clock.now();
        if (tries > 0) log.info('the store can be written again');
        this.tell(turn);
        return undefined;
      } catch (error) {
        if (error instanceof LeaseLost || !isStoreOutage(error)) throw error;
        const why = `the store cannot be written: ${(error as Error).message}`;
        if (clock.now() - since > OUTAGE_MS) return why;
        if (tries === 0) log.error(`${why}; trying again`);
        await new Promise<void>((resolve) => clock.after(pause, resolve));
        pause = Math.min(pause * 2, OUTAGE_PAUSE_MS.longest);
        inbox.wake();
      }
    }
  }

  private tell(turn: Turn): void {
    const { model, nameOf } = this.study;
    if (turn.transitions.length === 0) return;
    for (const { step, from, to, why } of turn.transitions) {
      const line = `${nameOf(step)}: ${from} -> ${to} (${why})`;
      if (to === 'FAILED' || to === 'UNKNOWN' || to === 'HWFAILURE') this.ports.log.warn(line);
      else this.ports.log.info(line);
    }
    this.ports.exporter.touch();
    this.ports.onProgress({ counts: model.counts, total: model.graph.count, transitions: turn.transitions });
  }

  /** A machine that cannot start steps is given pauses; one that starts them again ends the outage. */
  private noteOutage(observation: Observation): void {
    if (observation.kind === 'started' && this.outage !== undefined) {
      this.outage = undefined;
      this.ports.log.info('steps can be started again');
    }
    if (observation.kind !== 'unstartable' || !isOutage(observation.errno)) return;
    const now = this.ports.clock.now();
    const why = `steps cannot be started here: ${observation.errno} (${observation.stage})`;
    if (this.outage === undefined) this.ports.log.error(`${why}; trying again`);
    else if (now < this.outage.until) return;
    const pause = Math.min((this.outage?.pause ?? OUTAGE_PAUSE_MS.first / 2) * 2, OUTAGE_PAUSE_MS.longest);
    this.outage = { since: this.outage?.since ?? now, pause, until: now + pause, why };
  }

  private outageEnd(): string | undefined {
    if (this.outage === undefined) return undefined;
    return this.ports.clock.now() - this.outage.since > OUTAGE_MS ? this.outage.why : undefined;
  }
}

function isEnd(message: Message): boolean {
  return message.kind === 'observed' && message.observation.kind === 'ended';
}

/** SQLite's codes for a disk that is full, failing, read-only or locked by somebody for too long. */
function isStoreOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR|READONLY|BUSY|CANTOPEN|PROTOCOL)/.test(code);
}

function keyOf({ step, number }: Flight): AttemptKey {
  return { step, number };
}
