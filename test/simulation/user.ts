import { readRows } from '../../src/shared/state/queries.ts';
import { statusCsv } from '../../src/shared/state/status-csv.ts';
import type { Conductor } from './conductor.ts';
import type { Dice } from './dice.ts';
import { HOSTS, type HostName } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

/** How often somebody looks whether the study goes on. */
const LOOK_MS = 10 * 60_000;
/** Without a step's change for so long the user thinks that the conductor is stuck. */
const STUCK_MS = 40 * 60_000;
/** Of status.csv. */
const STATE_COLUMN = 3;
/** Whoever is to answer a request has this long, once there is nothing in the way. */
const LEASE_MS = 120_000;

/** The people: they start conductors, miss those that are gone, and move those that can do no more. */
export class User {
  private readonly world: SimulatedWorld;
  private readonly dice: Dice;
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
    this.world.requests.check(conductor);
    if (!this.isContent) this.startLater();
  }

  startUnlessConducted(): void {
    if (!this.isConducted) this.start(this.dice.chance(0.85) ? HOSTS[0] : HOSTS[1]);
  }

  /** A conductor has gone silent for a while, and perhaps somebody at another host does not wait for it. */
  missConductor(ms: number): void {
    if (ms < LEASE_MS || this.dice.chance(0.3)) return;
    const ends = this.world.timeline.now + ms;
    this.world.timeline.after(LEASE_MS + this.dice.between(1_000, 60_000), () => {
      if (this.world.timeline.now < ends && !this.world.hasEnded) this.start(this.dice.pick(HOSTS));
    });
  }

  /** Whether there is nothing to be conducted. */
  private get isContent(): boolean {
    return this.world.hasEnded && !this.world.requests.isWaiting;
  }

  private get isConducted(): boolean {
    return this.world.conductors.some(({ isAlive, hasEnded }) => isAlive && !hasEnded);
  }

  private startLater(): void {
    const { timeline } = this.world;
    const host = this.dice.chance(0.85) ? HOSTS[0] : HOSTS[1];
    timeline.after(this.dice.spread(1_000, 5 * 60_000), () => {
      if (!this.isConducted && !this.isContent) this.start(host);
    });
  }

  /** Looks whether it goes on, and moves a conductor that can do no more to the host where the steps ran. */
  private look(): void {
    const { world } = this;
    world.timeline.after(LOOK_MS, () => {
      this.look();
      if (this.isContent) return;
      if (!this.isConducted) {
        this.start(HOSTS[0]);
        return;
      }
      const events = world.statement('SELECT count(*) FROM event').pluck().get() as number;
      if (events !== this.lastChange.events) this.lastChange = { at: world.timeline.now, events };
      else this.checkStatus();
      // While a fault lasts, and right after it, nobody can know better: a scheduler may have been down for hours.
      if (world.timeline.now - Math.max(this.lastChange.at, world.calmAt) > STUCK_MS) this.move();
    });
  }

  /** Since the last look nothing has changed, so status.csv must show it, if its conductor was not disturbed. */
  private checkStatus(): void {
    const { world } = this;
    const wasDisturbed = world.troubles.length > 0 || world.timeline.now - world.disturbedAt < LOOK_MS;
    const isSteady = world.conductors.some(
      (conductor) => conductor.isAlive && conductor.ageMs > LOOK_MS && !conductor.isAway,
    );
    if (wasDisturbed || !isSteady) return;
    const states = (text: string): string =>
      text
        .split('\n')
        .map((line) => line.split(',')[STATE_COLUMN])
        .join();
    const file = `${world.directory}/status.csv`;
    const shown = world.disk.exists(file) ? world.disk.read(file, 'anywhere') : '';
    if (states(shown) !== states(statusCsv(readRows(world.store), () => '', world.timeline.now)))
      world.violate('status.csv does not show what is so for long');
  }

  /** Nothing has changed for long, so what everybody can read must have been read. */
  private checkUnnoticed(): void {
    const { world } = this;
    const open = new Set(
      world.statement("SELECT step || '.' || number FROM attempt WHERE outcome IS NULL").pluck().all(),
    );
    for (const run of world.truth.runs.flat()) {
      const isOld = run.knownAt !== undefined && world.timeline.now - run.knownAt > STUCK_MS;
      if (isOld && open.has(`${run.step}.${run.number}`))
        world.violate(`step ${run.step} (${run.place}) has ended long ago, and nobody notices`);
    }
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
    this.checkUnnoticed();
    if (host === undefined || elsewhere.length === 0) return;
    world.note('a conductor is moved to the host of its steps');
    world.trace(() => `the user moves the conductor to ${host}`);
    for (const conductor of elsewhere) conductor.terminate();
    world.timeline.after(60_000, () => this.start(host));
  }
}
