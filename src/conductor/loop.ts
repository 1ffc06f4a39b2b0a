import type { ControlRequest } from '../shared/control.ts';
import { REPAIR_ANSWERS } from '../shared/repair-answer.ts';
import type { RepairRequest } from '../shared/repair-request.ts';
import type { Note, Turn } from '../shared/state/journal.ts';
import type { Limits, Transition } from '../shared/state/transition.ts';
import type { TakenRequests } from './answered-requests.ts';
import { CONTROL_POLL_MS, GATHER_MS, LOOKAHEAD, STOP_PATIENCE_MS, TURN_BOUND } from './bounds.ts';
import { capacityUnder, changeLimits } from './change-limits.ts';
import { type Capacity, dispatch, type Launch, nextLookahead } from './dispatch.ts';
import type { Ending, LoopPorts, LoopStudy, Message } from './loop-ports.ts';
import { type Flight, isOver, outcomeOf } from './model.ts';
import type { AttemptKey, Observation } from './observation.ts';
import { isStoreOutage, Recorder } from './recorder.ts';
import { cancelTransitions, planRetry, retryTransitions } from './repair.ts';
import { isOutage, settle, settleCancel } from './settle.ts';
import { StartOutage } from './start-outage.ts';
import { type OutagePorts, throughOutage } from './through-outage.ts';

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
  private readonly recorder: Recorder;
  private readonly patience: OutagePorts;
  private readonly outage: StartOutage;
  private readonly passedOver = new Map<number, number>();
  private limits: Limits;
  private cancelling: boolean;
  /** Steps that are not to be tried again, whatever becomes of their attempts in flight. */
  private readonly doomed: Set<number>;
  private paused: boolean;
  private stopping: Stopping | undefined;
  private runnerDied: string | undefined;
  private lookahead: number = LOOKAHEAD.least;
  /** When a step that waits for its next try may be tried. */
  private nextTry: number | undefined;

  constructor(study: LoopStudy, ports: LoopPorts) {
    this.study = study;
    this.ports = ports;
    const { journal, clock, log, inbox } = ports;
    const isAskedToLeave = (ms: number): Promise<boolean> => inbox.waitFor(({ kind }) => kind === 'stop', ms);
    this.patience = { clock, log, isAskedToLeave };
    this.recorder = new Recorder(journal, this.patience);
    this.outage = new StartOutage(ports.clock, ports.log);
    this.limits = study.limits;
    this.cancelling = study.isCancelling;
    this.doomed = new Set(study.doomed);
    this.paused = study.isPaused;
  }

  async run(): Promise<Ending> {
    const { model } = this.study;
    const { clock } = this.ports;
    this.takeUpCancels();
    for (;;) {
      const trouble = await this.turn();
      if (trouble !== undefined) return { kind: 'troubled', why: trouble };
      if (isOver(model)) return this.end();
      if (this.runnerDied !== undefined) return { kind: 'runner-died', how: this.runnerDied };
      if (this.stopping !== undefined && this.mayLeave(this.stopping)) {
        return { kind: 'stopped', why: this.stopping.why };
      }
      await this.ports.inbox.sleep(this.pause());
      if (this.hasPlentyWaiting()) await new Promise<void>((resolve) => clock.after(GATHER_MS, resolve));
    }
  }

  private get capacity(): Capacity {
    return capacityUnder(this.study.capacity, this.limits);
  }

  /** Whether the runner has more in hand than its cores can take up in a moment. */
  private hasPlentyWaiting(): boolean {
    return (this.study.model.counts.get('PENDING') ?? 0) > this.capacity.cores * 2;
  }

  /** What an earlier conductor was asked to end, and did not see the end of. */
  private takeUpCancels(): void {
    const { isCancelling, doomed } = this.study;
    const ask = (request: ControlRequest): void => this.ports.inbox.push({ kind: 'requested', request });
    if (isCancelling) ask({ kind: 'cancel' });
    else if (doomed.length > 0) ask({ kind: 'cancel-steps', steps: doomed });
  }

  /** How long nothing is due, unless something is heard. */
  private pause(): number {
    const { clock, exporter } = this.ports;
    const nextTryMs = (this.nextTry ?? 0) - clock.now();
    // What was due before has had its turn: steps that are held back by something else must not keep this awake.
    const due = [this.outage.heldMs, nextTryMs].filter((ms) => ms > 0);
    return Math.min(CONTROL_POLL_MS, exporter.tick(clock.elapsed()) ?? CONTROL_POLL_MS, ...due);
  }

  /** One turn: observe, decide, record, act. Answers why it cannot go on, if it cannot. */
  private async turn(): Promise<string | undefined> {
    const taken = this.takeRequests();
    if (typeof taken === 'string') return taken;
    const messages = this.ports.inbox.drain();
    const decided: Decided = { transitions: [], notes: [], doomed: [], clean: [], served: taken.names };
    for (const message of messages) this.heed(message, decided);
    for (const request of taken.requests) this.serve(request, decided);
    this.lookahead = nextLookahead(this.lookahead, messages.filter(isEnd).length);
    const launches = this.dispatch(decided);
    const trouble = await this.record(decided);
    if (trouble !== undefined) return trouble;
    if (taken.requests.length > 0) taken.forget();
    if (decided.cancelRequestedAt !== undefined) {
      this.ports.scheduler.cancel([...this.study.model.flights.values()].map(keyOf));
    }
    if (decided.doomed.length > 0) {
      const flights = decided.doomed.flatMap((step) => this.study.model.flights.get(step) ?? []);
      this.ports.scheduler.cancel(flights.map(keyOf));
    }
    for (const step of decided.clean) this.ports.moveAside(step);
    if (launches.length > 0) this.ports.scheduler.launch(launches);
    return this.outage.verdict;
  }

  /** Requests; the reason to stop where the study directory has gone. */
  private takeRequests(): TakenRequests | string {
    try {
      return this.ports.takeRequests();
    } catch (error) {
      return `the study directory cannot be read: ${(error as Error).message}`;
    }
  }

  private heed(message: Message, decided: Decided): void {
    switch (message.kind) {
      case 'observed':
        this.settle(message.observation, decided);
        return;
      case 'stop':
        this.stop(message.why, decided);
        return;
      case 'runner-died':
        this.runnerDied = message.how;
        return;
      case 'requested':
        this.serve(message.request, decided);
    }
  }

  private serve(request: ControlRequest, decided: Decided): void {
    switch (request.kind) {
      case 'cancel':
        this.cancel(decided);
        return;
      case 'cancel-steps':
        this.cancelSteps(request.steps, decided);
        return;
      case 'retry':
        this.retry(request, decided);
        return;
      case 'pause':
      case 'unpause':
        this.setPaused(request.kind === 'pause', decided);
        return;
      case 'update':
      case 'garbage':
        this.heedUpdate(request, decided);
    }
  }

  /** Runs steps again; whatever the study had come to is undone by that. */
  private retry(request: Extract<RepairRequest, { kind: 'retry' }>, decided: Decided): void {
    const { model, nameOf } = this.study;
    const at = this.ports.clock.now();
    const plan = planRetry(model, request.steps, request.descendants, nameOf);
    for (const { why } of plan.refused) this.note(REPAIR_ANSWERS.notRetried(why), decided);
    if (plan.steps.length === 0) return;
    this.cancelling = false;
    for (const step of plan.steps) this.doomed.delete(step);
    decided.isReopened = true;
    delete decided.cancelRequestedAt;
    const transitions = retryTransitions(model, plan, at);
    // Children first lose their parents, and then become ready again one after the other.
    for (const transition of transitions) model.apply(transition);
    decided.transitions.push(...transitions);
    if (request.clean) decided.clean.push(...plan.steps);
    this.note(REPAIR_ANSWERS.retried(plan.steps.length), decided);
  }

  private cancelSteps(steps: readonly number[], decided: Decided): void {
    const { model } = this.study;
    const transitions = cancelTransitions(model, steps, this.ports.clock.now());
    for (const transition of transitions) model.apply(transition);
    decided.transitions.push(...transitions);
    const flying = steps.filter((step) => model.flights.has(step));
    for (const step of flying) this.doomed.add(step);
    decided.doomed.push(...flying);
    this.note(REPAIR_ANSWERS.cancelled(transitions.length, flying.length), decided);
  }

  private setPaused(paused: boolean, decided: Decided): void {
    if (paused === this.paused) return;
    this.paused = paused;
    decided.isPaused = paused;
    this.note(paused ? REPAIR_ANSWERS.paused : REPAIR_ANSWERS.unpaused, decided);
  }

  private note(why: string, decided: Decided): void {
    decided.notes.push({ at: this.ports.clock.now(), why });
    this.ports.log.info(why);
  }

  private settle(observation: Observation, decided: Decided): void {
    const { model, hasRestart, retryOf, nameOf, resubmits } = this.study;
    const { limits } = this;
    const cancelling = this.cancelling || this.doomed.has(observation.step);
    const circumstances = { limits, cancelling, hasRestart, retryOf, nameOf, resubmits };
    const transitions = settle(model, observation, circumstances);
    for (const transition of transitions) model.apply(transition);
    decided.transitions.push(...transitions);
    if (transitions.length > 0) this.outage.hear(observation);
  }

  /** Cancels what has not been handed over; what has is ended once this is recorded. */
  private cancel(decided: Decided): void {
    const { model } = this.study;
    const at = this.ports.clock.now();
    this.cancelling = true;
    const transitions = settleCancel(model, at);
    for (const transition of transitions) model.apply(transition);
    model.ready.clear();
    decided.transitions.push(...transitions);
    decided.notes.push({ at, why: 'cancelled by request' });
    decided.cancelRequestedAt = at;
    this.ports.log.info(`cancelling: ${model.flights.size} in flight, ${transitions.length} not started`);
  }

  /** A first request takes back what has not started; a second one does not wait for that. */
  private stop(why: string, decided: Decided): void {
    const { clock } = this.ports;
    if (this.stopping !== undefined) {
      this.stopping = { why, until: clock.elapsed() };
      return;
    }
    this.stopping = { why, until: clock.elapsed() + STOP_PATIENCE_MS };
    decided.notes.push({ at: clock.now(), why });
    this.ports.log.info(`${why}; running steps go on, maestro resume takes over from here`);
    this.ports.scheduler.close();
  }

  /** Nothing that was handed over waits to be started, or has done so for too long. */
  private mayLeave({ until }: Stopping): boolean {
    if (this.ports.clock.elapsed() >= until) return true;
    const { model } = this.study;
    return [...model.flights.keys()].every((step) => model.stateOf(step) !== 'PENDING');
  }

  private heedUpdate(
    request: Extract<ControlRequest, { kind: 'update' | 'garbage' }>,
    decided: Decided,
  ): void {
    const at = this.ports.clock.now();
    if (request.kind === 'garbage') {
      const why = `${request.file} was not understood and is removed: ${request.problem}`;
      this.ports.log.error(why);
      decided.notes.push({ at, why });
      return;
    }
    const { limits, text, refusal } = changeLimits(this.limits, request.update, this.study.isLocal);
    this.limits = limits;
    if (refusal !== undefined) this.note(refusal, decided);
    this.ports.log.info(`limits are now ${text}`);
    decided.notes.push({ at, why: `limits changed: ${text}` });
    decided.limits = this.limits;
    this.ports.onLimits(this.limits);
  }

  private dispatch(decided: Decided): Launch[] {
    const now = this.ports.clock.now();
    if (
      this.outage.heldMs > 0 ||
      this.paused ||
      this.cancelling ||
      this.stopping !== undefined ||
      this.runnerDied !== undefined
    )
      return [];
    const { throttle } = this.limits;
    const { passedOver, lookahead } = this;
    this.nextTry = this.study.model.releaseDue(now);
    const { capacity, study } = this;
    const { transitions, launches } = dispatch({ ...study, capacity, throttle, lookahead, now, passedOver });
    decided.transitions.push(...transitions);
    // A turn that was full has left some: the next one comes at once.
    if (launches.length >= TURN_BOUND) this.ports.inbox.wake();
    return launches;
  }

  private async record(turn: Turn): Promise<string | undefined> {
    if (!this.recorder.isWorthRecording(turn)) return undefined;
    const trouble = await this.recorder.record(turn);
    if (trouble === undefined && turn.transitions.length > 0) this.tell(turn.transitions);
    return trouble;
  }

  private tell(transitions: readonly Transition[]): void {
    const { model, nameOf } = this.study;
    const { log, exporter, onProgress } = this.ports;
    for (const { step, from, to, why } of transitions) {
      const line = `${nameOf(step)}: ${from} -> ${to} (${why})`;
      if (to === 'FAILED' || to === 'UNKNOWN' || to === 'HWFAILURE') log.warn(line);
      else log.info(line);
    }
    exporter.touch();
    onProgress({ counts: model.counts, total: model.total, transitions });
  }

  private async end(): Promise<Ending> {
    const outcome = outcomeOf(this.study.model);
    const at = this.ports.clock.now();
    // status.csv first: once the end is on record, nobody comes back to write what was missed.
    const trouble =
      (await this.finishExport()) ??
      (await this.recorder.record({ transitions: [], notes: [], ended: { outcome, at } }));
    return trouble === undefined ? { kind: 'over', outcome } : { kind: 'troubled', why: trouble };
  }

  /** A status.csv that cannot be written for a reason that does not pass is no reason to go on for ever. */
  private async finishExport(): Promise<string | undefined> {
    const { exporter, log } = this.ports;
    const isPassing = (error: unknown): boolean =>
      isStoreOutage(error) || isOutage((error as NodeJS.ErrnoException).code ?? '');
    try {
      const writing = { what: 'status.csv', write: () => exporter.finish(), isOutage: isPassing };
      return await throughOutage(writing, this.patience);
    } catch (error) {
      log.error(`status.csv cannot be written: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** What a turn has decided so far. */
interface Decided {
  readonly transitions: Transition[];
  readonly notes: Note[];
  /** Steps in flight that are to be ended, and steps whose workspaces are to be moved aside. */
  readonly doomed: number[];
  readonly clean: number[];
  readonly served: readonly string[];
  limits?: Limits;
  cancelRequestedAt?: number;
  isReopened?: boolean;
  isPaused?: boolean;
}

/** A request to leave, and until when, by the clock that nobody sets, what was handed over is waited for. */
interface Stopping {
  readonly why: string;
  readonly until: number;
}

function isEnd(message: Message): boolean {
  return message.kind === 'observed' && message.observation.kind === 'ended';
}

function keyOf({ step, number }: Flight): AttemptKey {
  return { step, number };
}
