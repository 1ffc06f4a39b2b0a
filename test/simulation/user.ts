import { CANCEL_LOCK, parseUpdate, UPDATE_LOCK } from '../../src/shared/control.ts';
import { requestDirectory } from '../../src/shared/repair-request.ts';
import type { Limits } from '../../src/shared/state/transition.ts';
import type { Conductor } from './conductor.ts';
import type { Dice } from './dice.ts';
import { HOSTS, type HostName, type TimedFault } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

type Request = Extract<TimedFault, { kind: 'cancel' | 'update' | 'pause' }>;

/** How often somebody looks whether the study goes on. */
const LOOK_MS = 10 * 60_000;
/** Without a step's change for so long the user thinks that the conductor is stuck. */
const STUCK_MS = 40 * 60_000;
/** Until a request is left again that could not be written. */
const AGAIN_MS = 5_000;
/** Whoever is to answer a request has this long, once there is nothing in the way. */
const LEASE_MS = 120_000;

/** The people: they start conductors, miss those that are gone, and ask for things. */
export class User {
  private readonly world: SimulatedWorld;
  private readonly dice: Dice;
  private wantsCancel = false;
  private wantedLimits: Partial<Limits> | undefined;
  private lastChange = { at: 0, events: 0 };

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.dice = world.dice(5);
    this.look();
  }

  /** `maestro run`, `maestro resume`. */
  start(name: HostName): void {
    const { world } = this;
    const host = world.hosts.get(name)!;
    if (host.isUp && host.suspendedSince === undefined) world.startConductor(host);
    else if (!this.isConducted) this.startLater();
  }

  conductorIsGone(conductor: Conductor): void {
    if (this.isConducted) return;
    this.checkRequests(conductor);
    if (!this.world.hasEnded) this.startLater();
  }

  /** A conductor has gone silent for a while, and perhaps somebody at another host does not wait for it. */
  missConductor(ms: number): void {
    if (ms < LEASE_MS || this.dice.chance(0.3)) return;
    const ends = this.world.timeline.now + ms;
    this.world.timeline.after(LEASE_MS + this.dice.between(1_000, 60_000), () => {
      if (this.world.timeline.now < ends && !this.world.hasEnded) this.start(this.dice.pick(HOSTS));
    });
  }

  request(request: Request): void {
    const { world } = this;
    if (world.hasEnded) return;
    if (world.troubleFor('files') !== undefined) {
      world.timeline.after(AGAIN_MS, () => this.request(request));
      return;
    }
    if (request.kind === 'cancel') {
      this.wantsCancel = true;
      this.write(CANCEL_LOCK, '');
    } else if (request.kind === 'pause') {
      this.leave('pause', () => world.timeline.after(request.ms, () => this.leave('unpause')));
    } else this.update(request);
  }

  private update({ text, how }: Extract<Request, { kind: 'update' }>): void {
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

  private leave(kind: 'pause' | 'unpause', andThen?: () => void): void {
    const { timeline, troubles } = this.world;
    if (troubles.length > 0) {
      timeline.after(AGAIN_MS, () => this.leave(kind, andThen));
      return;
    }
    const directory = requestDirectory(this.world.directory);
    this.world.disk.write(
      `${directory}/${timeline.now}-${timeline.happened}.json`,
      JSON.stringify({ kind }),
      HOSTS[0],
      {
        isDurable: true,
      },
    );
    andThen?.();
  }

  private write(name: string, text: string): void {
    this.world.disk.write(`${this.world.directory}/${name}`, text, HOSTS[0], { isDurable: true });
  }

  /** A request that nobody can answer any more must lie there still, or be on record. */
  private checkRequests(conductor: Conductor): void {
    const { world } = this;
    if (world.hasEnded) return;
    const isThere = (name: string): boolean => world.disk.exists(`${world.directory}/${name}`);
    const who = `conductor ${conductor.index}, which is gone, has taken`;
    if (this.wantsCancel && !isThere(CANCEL_LOCK)) {
      const asked = world.statement('SELECT cancel_requested_at FROM study').pluck().get();
      if (asked === null) world.violate(`${who} the request to cancel, and it is not on record`);
    }
    if (this.wantedLimits !== undefined && !isThere(UPDATE_LOCK)) {
      const limits = world
        .statement('SELECT attempts, rlimit, throttle, sleeptime FROM limits')
        .get() as Limits;
      for (const [name, limit] of Object.entries(this.wantedLimits)) {
        if (limits[name as keyof Limits] !== limit)
          world.violate(`${who} the update of ${name}, and it is not on record`);
      }
    }
  }

  private get isConducted(): boolean {
    return this.world.conductors.some(({ isAlive, hasEnded }) => isAlive && !hasEnded);
  }

  private startLater(): void {
    const { timeline } = this.world;
    const host = this.dice.chance(0.85) ? HOSTS[0] : HOSTS[1];
    timeline.after(this.dice.spread(1_000, 5 * 60_000), () => {
      if (!this.isConducted && !this.world.hasEnded) this.start(host);
    });
  }

  /** Looks whether it goes on, and moves a conductor that can do no more to the host where the steps ran. */
  private look(): void {
    const { world } = this;
    world.timeline.after(LOOK_MS, () => {
      if (world.hasEnded) return;
      this.look();
      if (!this.isConducted) {
        this.start(HOSTS[0]);
        return;
      }
      const events = world.statement('SELECT count(*) FROM event').pluck().get() as number;
      if (events !== this.lastChange.events) this.lastChange = { at: world.timeline.now, events };
      if (!world.isInTrouble && world.timeline.now - this.lastChange.at > STUCK_MS) this.move();
    });
  }

  private move(): void {
    const { world } = this;
    const [host] = world
      .statement(
        `SELECT host FROM attempt JOIN step ON step.id = attempt.step AND attempt.number = step.attempts
         WHERE outcome IS NULL ORDER BY step LIMIT 1`,
      )
      .pluck()
      .all() as HostName[];
    const elsewhere = world.conductors.filter(
      (conductor) => conductor.isAlive && conductor.host.name !== host,
    );
    if (host === undefined || elsewhere.length === 0) return;
    world.note('a conductor is moved to the host of its steps');
    world.trace(() => `the user moves the conductor to ${host}`);
    for (const conductor of elsewhere) conductor.terminate();
    world.timeline.after(60_000, () => this.start(host));
  }
}

function limitsOf({
  throttle,
  rlimit,
  sleep,
}: Extract<ReturnType<typeof parseUpdate>, { kind: 'update' }>['update']): Partial<Limits> {
  return {
    ...(throttle === undefined ? {} : { throttle }),
    ...(rlimit === undefined ? {} : { rlimit }),
    ...(sleep === undefined ? {} : { sleeptime: sleep }),
  };
}
