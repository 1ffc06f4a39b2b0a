import { CANCEL_LOCK, parseUpdate, UPDATE_LOCK } from '../../src/shared/control.ts';
import { type RepairRequest, requestDirectory } from '../../src/shared/repair-request.ts';
import { isFinal } from '../../src/shared/state/states.ts';
import type { Limits } from '../../src/shared/state/transition.ts';
import type { Conductor } from './conductor.ts';
import { HOSTS, type TimedFault } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

/** What a user asks a study for. */
export type UserRequest = Extract<
  TimedFault,
  { kind: 'cancel' | 'update' | 'pause' | 'cancel steps' | 'retry' }
>;

/** Until a request is left again that could not be written. */
const AGAIN_MS = 5_000;
/** How often who has left a request looks whether it was taken. */
const NAG_MS = 20_000;

/** A request that was left as a file of its own. */
interface LeftRequest {
  readonly name: string;
  readonly request: RepairRequest;
  /** Counts all requests in the order in which they were left. */
  readonly order: number;
}

/** What users have asked for, and what must come of it. */
export class Requests {
  private readonly world: SimulatedWorld;
  private readonly left: LeftRequest[] = [];
  /** Requests to run steps again that are yet to be left. */
  private planned: number;
  private order = 0;
  /** The order of a request to cancel that stands. */
  private cancelled: number | undefined;
  private wantedLimits: Partial<Limits> | undefined;
  /** How often it was asked that a step runs again, by itself or with what it depends on. */
  private readonly asked: number[];

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.asked = Array.from({ length: world.graph.count }, () => 0);
    this.planned = world.scenario.faults.filter(({ kind }) => kind === 'retry').length;
  }

  /** Whether a request lies there that nobody has taken. */
  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Whether a study that has ended will not be opened again. */
  get areOver(): boolean {
    return this.planned === 0 && !this.isWaiting;
  }

  /** How often a step may be run again by request. */
  askedFor(step: number): number {
    return this.asked[step]!;
  }

  /** Somebody asks for something. Of a study that has ended only to run steps again. */
  make(request: UserRequest): void {
    const { world } = this;
    if (world.hasEnded && request.kind !== 'retry') return;
    if (world.troubles.length > 0) {
      world.timeline.after(AGAIN_MS, () => this.make(request));
      return;
    }
    switch (request.kind) {
      case 'cancel':
        this.cancelled = ++this.order;
        this.write(CANCEL_LOCK, '');
        return;
      case 'update':
        this.update(request);
        return;
      case 'pause':
        this.leave({ kind: 'pause' });
        world.timeline.after(request.ms, () => this.unpause());
        return;
      case 'cancel steps':
        this.leave({ kind: 'cancel-steps', steps: request.steps });
        return;
      case 'retry':
        this.retry(request);
    }
  }

  /** A conductor has recorded that steps run again: a cancel that was asked for before counts no more. */
  reopened(): void {
    const served = new Set(this.world.statement('SELECT name FROM request').pluck().all());
    const newest = this.left.findLast(({ name }) => served.has(name));
    if (newest !== undefined && newest.order > (this.cancelled ?? 0)) this.cancelled = undefined;
  }

  /** A conductor has recorded that it cancels a part: each step of it is over, or is not to be tried again. */
  partCancelled(): void {
    const parts = this.waiting.flatMap(({ request }) => (request.kind === 'cancel-steps' ? [request] : []));
    // Of several nobody can say here which it was.
    if (parts.length !== 1) return;
    const states = this.world
      .statement('SELECT id, state, is_doomed AS isDoomed FROM step ORDER BY id')
      .all() as StepRow[];
    for (const step of parts[0]!.steps) {
      const row = states[step];
      if (row === undefined || isFinal(row.state) || row.isDoomed === 1 || this.askedFor(step) > 0) continue;
      this.world.violate(`step ${step} was cancelled by request, and is ${row.state}`);
    }
  }

  /** A request that a conductor which is gone has taken must be on record. */
  check({ index }: Conductor): void {
    const { world } = this;
    if (world.hasEnded) return;
    const isThere = (name: string): boolean => world.disk.exists(`${world.directory}/${name}`);
    const who = `conductor ${index}, which is gone, has taken`;
    if (this.cancelled !== undefined && !isThere(CANCEL_LOCK)) {
      const asked = world.statement('SELECT cancel_requested_at FROM study').pluck().get();
      if (asked === null) world.violate(`${who} the request to cancel, and it is not on record`);
    }
    if (this.wantedLimits === undefined || isThere(UPDATE_LOCK)) return;
    const limits = world
      .statement('SELECT attempts, rlimit, throttle, sleeptime FROM limits')
      .get() as Limits;
    for (const [name, limit] of Object.entries(this.wantedLimits)) {
      if (limits[name as keyof Limits] !== limit)
        world.violate(`${who} the update of ${name}, and it is not on record`);
    }
  }

  /** At the end every request to run steps again has been answered, once. */
  checkEnd(): void {
    const served = new Set(this.world.statement('SELECT name FROM request').pluck().all());
    for (const { name, request } of this.left) {
      if (request.kind === 'retry' && !served.has(name))
        this.world.violate(`the request ${name} to run steps again was never answered`);
    }
    if (this.isWaiting) this.world.violate('a request waits for ever');
  }

  private get waiting(): LeftRequest[] {
    const directory = requestDirectory(this.world.directory);
    return this.left.filter(({ name }) => this.world.disk.exists(`${directory}/${name}`));
  }

  private retry({ steps, descendants, clean }: Extract<UserRequest, { kind: 'retry' }>): void {
    this.planned--;
    const states = this.world.statement('SELECT state FROM step ORDER BY id').pluck().all() as string[];
    const hasFailed = (state: string): boolean => ['FAILED', 'TIMEDOUT', 'CANCELLED'].includes(state);
    const chosen =
      steps === 'all that did not finish'
        ? states.flatMap((state, step) => (hasFailed(state) ? [step] : []))
        : steps.filter((step) => step < states.length);
    if (chosen.length === 0) return;
    for (const step of descendants ? this.withDescendants(chosen) : chosen) this.asked[step]!++;
    this.leave({ kind: 'retry', steps: chosen, descendants, clean });
  }

  private withDescendants(steps: readonly number[]): Set<number> {
    const { graph, truth } = this.world;
    const all = new Set(steps);
    for (let size = 0; size < all.size; ) {
      size = all.size;
      for (let step = 0; step < graph.count; step++) {
        if ([...truth.parentsOf(step)].some((parent) => all.has(parent))) all.add(step);
      }
    }
    return all;
  }

  private unpause(): void {
    const { timeline, troubles } = this.world;
    if (troubles.length > 0) timeline.after(AGAIN_MS, () => this.unpause());
    else this.leave({ kind: 'unpause' });
  }

  private update({ text, how }: Extract<UserRequest, { kind: 'update' }>): void {
    const { timeline, disk, directory } = this.world;
    const understood = parseUpdate(text);
    this.wantedLimits = undefined;
    if (how === 'at once') {
      this.write(UPDATE_LOCK, text);
      if (understood.kind === 'update') this.wantedLimits = limitsOf(understood.update);
      return;
    }
    this.write(UPDATE_LOCK, '');
    const file = `${directory}/${UPDATE_LOCK}`;
    for (const [after, part] of [
      [50, text.slice(0, text.length / 2)],
      [100, text],
    ] as const) {
      // Once it has been taken away, what is written to it goes nowhere.
      timeline.after(after, () => {
        if (disk.exists(file)) this.write(UPDATE_LOCK, part);
      });
    }
  }

  private leave(request: RepairRequest): void {
    const { timeline, disk, directory } = this.world;
    const order = ++this.order;
    const name = `${timeline.now}-${String(order).padStart(4, '0')}.json`;
    this.left.push({ name, request, order });
    const file = `${requestDirectory(directory)}/${name}`;
    disk.write(file, JSON.stringify(request), HOSTS[0], { isDurable: true });
    this.nag(file);
  }

  /** Who has left a request stays until it is taken, and starts a conductor where there is none. */
  private nag(file: string): void {
    const { disk, timeline, user } = this.world;
    if (!disk.exists(file)) return;
    user.startUnlessConducted();
    timeline.after(NAG_MS, () => this.nag(file));
  }

  private write(name: string, text: string): void {
    this.world.disk.write(`${this.world.directory}/${name}`, text, HOSTS[0], { isDurable: true });
  }
}

interface StepRow {
  readonly state: Parameters<typeof isFinal>[0];
  readonly isDoomed: number;
}

function limitsOf({
  throttle,
  rlimit,
  sleep,
  attempts,
}: Extract<ReturnType<typeof parseUpdate>, { kind: 'update' }>['update']): Partial<Limits> {
  return {
    ...(throttle === undefined ? {} : { throttle }),
    ...(rlimit === undefined ? {} : { rlimit }),
    ...(sleep === undefined ? {} : { sleeptime: sleep }),
    ...(attempts === undefined ? {} : { attempts }),
  };
}
