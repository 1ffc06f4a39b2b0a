import type { StartOrder } from '../../src/conductor/runner/commands.ts';
import { parseRecord, type RunnerRecord } from '../../src/conductor/runner/records.ts';
import type { Host, SimulatedProcess } from './host.ts';
import { LocalStep } from './local-step.ts';
import type { Run } from './truth.ts';
import type { SimulatedWorld } from './world.ts';

type Command =
  | { readonly kind: 'start'; readonly order: StartOrder }
  | { readonly kind: 'cancel'; readonly token: string; readonly graceMs: number }
  | { readonly kind: 'capacity'; readonly cores: number };

/** Who reads a runner's standard output. */
export interface RunnerListener {
  records(records: readonly RunnerRecord[]): void;
  exit(code: number | null, signal: NodeJS.Signals | null, said: string): void;
}

type Reason = '-' | 'walltime' | 'cancelled';

interface Running {
  readonly order: StartOrder;
  readonly step: LocalStep;
  readonly run: Run;
  phase: 'running' | 'terminated' | 'killed' | 'abandoned';
  why: Reason;
  takeBackDeadline: () => void;
}

/** Between something happening and the runner noticing it. */
const LATENCY_MS = 1;
const RECORDS_RETRY_MS = 1_000;
const KILL_PATIENCE_MS = 10_000;

/** The step runner, by its protocol: native/PROTOCOL.md. */
export class SimulatedRunner {
  readonly process: SimulatedProcess;
  readonly host: Host;
  private readonly world: SimulatedWorld;
  private readonly file: string;
  private listener: RunnerListener | undefined;
  private readonly pipe: Command[] = [];
  private readonly queue: StartOrder[] = [];
  private readonly steps = new Set<Running>();
  capacity: number;
  private isOpen = true;
  private isInputEnded = false;
  private isAlive = true;
  /** Records that nobody has yet, and those that are not in the file. */
  private fresh: string[] = [];
  private unfiled = '';
  private isAwake = false;
  private stoppedUntil = 0;
  /** Runs whose end is not in the file yet. */
  private readonly untold: Run[] = [];

  constructor(world: SimulatedWorld, host: Host, file: string, cores: number, listener: RunnerListener) {
    this.world = world;
    this.host = host;
    this.file = file;
    this.capacity = cores;
    this.listener = listener;
    this.process = host.start({ argument: file, signal: () => this.kill() });
    world.trace(() => `runner ${this.process.pid} starts on ${host.name} with ${cores} cores`);
    if (world.troubleFor('files') !== undefined && !world.disk.exists(file)) {
      host.after(LATENCY_MS, () => this.exit(1, 'the records cannot be opened'));
      return;
    }
    const { pid, startTicks } = this.process;
    this.record(`runner ${pid} ${startTicks} ${host.bootId()} ${this.date}`);
    this.wake();
  }

  /** How many steps of it run, the cores that they have, and the cores that it may give out. */
  get running(): number {
    return this.steps.size;
  }

  get coresUsed(): number {
    let cores = 0;
    for (const { order } of this.steps) cores += order.cores;
    return cores;
  }

  send(command: Command): void {
    if (!this.isAlive || this.isInputEnded) return;
    this.pipe.push(command);
    this.wake();
  }

  /** Its standard input ends, by its conductor's will or death. */
  endInput(): void {
    this.isInputEnded = true;
    this.wake();
  }

  /** Nobody reads its standard output any more. */
  loseListener(): void {
    this.listener = undefined;
    this.wake();
  }

  /** SIGKILL. What it started goes on without it. */
  kill(): void {
    if (!this.isAlive) return;
    this.world.trace(() => `runner ${this.process.pid} is killed`);
    this.leave();
    this.listener?.exit(null, 'SIGKILL', '');
  }

  /** Its host has gone down. */
  vanish(): void {
    this.isAlive = false;
  }

  /** SIGSTOP, and SIGCONT after `ms`. What it has started does not notice. */
  stop(ms: number): void {
    this.stoppedUntil = Math.max(this.stoppedUntil, this.world.timeline.now + ms);
  }

  private get date(): number {
    return Math.round(this.host.clock);
  }

  private leave(): void {
    this.isAlive = false;
    for (const each of this.steps) each.takeBackDeadline();
    this.host.end(this.process);
    for (const each of this.steps) this.changed(each);
  }

  private exit(code: number, said: string): void {
    if (!this.isAlive) return;
    this.leave();
    this.listener?.exit(code, null, said);
  }

  private wake(): void {
    if (this.isAwake || !this.isAlive) return;
    this.isAwake = true;
    const pause = Math.max(LATENCY_MS, this.stoppedUntil - this.world.timeline.now);
    this.host.after(pause, () => {
      if (this.world.timeline.now < this.stoppedUntil) {
        this.isAwake = false;
        this.wake();
        return;
      }
      this.isAwake = false;
      if (this.isAlive) this.turn();
    });
  }

  private turn(): void {
    for (const command of this.pipe.splice(0)) this.take(command);
    this.startWhatFits();
    if (!this.isAlive) return;
    if (this.isInputEnded && this.isOpen) this.close();
    this.flush();
    if (!this.isOpen && this.steps.size === 0 && this.unfiled === '' && this.isAlive) this.exit(0, '');
  }

  private take(command: Command): void {
    if (command.kind === 'capacity') this.capacity = command.cores;
    else if (command.kind === 'start') this.queue.push(command.order);
    else this.cancel(command.token, command.graceMs);
  }

  private cancel(token: string, graceMs: number): void {
    for (const each of this.steps) if (each.order.token === token) this.terminate(each, 'cancelled', graceMs);
    const at = this.queue.findIndex((order) => order.token === token);
    if (at >= 0) this.drop(this.queue.splice(at, 1)[0]!);
  }

  private drop({ token }: StartOrder): void {
    this.record(`dropped ${token} ${this.date}`);
  }

  private close(): void {
    this.isOpen = false;
    this.record(`closing ${this.date}`);
    for (const order of this.queue.splice(0)) this.drop(order);
  }

  private startWhatFits(): void {
    while (this.isAlive && this.isOpen && this.queue.length > 0) {
      if (this.capacity === 0) return;
      if (this.steps.size > 0 && this.coresUsed + this.queue[0]!.cores > this.capacity) return;
      this.start(this.queue.shift()!);
    }
  }

  private start(order: StartOrder): void {
    const { world, host } = this;
    const failure = this.failureOf(order);
    if (failure !== undefined) {
      this.record(`failed ${order.token} ${this.date} ${failure}`);
      return;
    }
    const { step: id, number } = world.truth.keyOf(order.token);
    const behaviour = world.behaviourOf(id, number);
    const step = new LocalStep(host, order.token, behaviour, () => this.changed(running));
    const run = world.truth.start(order.token, { host: host.name, pid: step.leader.pid });
    const running: Running = {
      order,
      step,
      run,
      phase: 'running',
      why: '-',
      takeBackDeadline: () => undefined,
    };
    this.steps.add(running);
    world.truth.checkPacking(host, this, order, run);
    for (const end of ['out', 'err']) {
      world.disk.write(`${order.directory}/${order.output}.${step.leader.pid}.${end}`, '', host.name);
    }
    this.record(`started ${order.token} ${step.leader.pid} ${this.date}`);
    if (order.walltimeMs > 0) {
      running.takeBackDeadline = host.after(order.walltimeMs, () => {
        this.terminate(running, 'walltime', order.graceMs);
        this.wake();
      });
    }
    if (world.killsRunnerAtStart()) this.kill();
  }

  private failureOf({ directory, script }: StartOrder): string | undefined {
    const { world } = this;
    if (!world.disk.exists(directory)) return 'ENOENT directory';
    const trouble = world.troubleFor('files');
    if (trouble !== undefined) return `${trouble.code} output`;
    return world.disk.exists(script) ? undefined : 'ENOENT script';
  }

  /** A process of a step has ended. */
  private changed(running: Running): void {
    const { step, run, phase } = running;
    const { exit } = step;
    // Without its runner nobody waits for what a step that is being ended has left behind.
    const isOver = phase === 'running' || phase === 'abandoned' || !step.hasGroup || !this.isAlive;
    if (exit === undefined || !isOver || !this.steps.has(running)) return;
    this.steps.delete(running);
    running.takeBackDeadline();
    const { truth } = this.world;
    truth.end(run, exit, step.wasTold ? 'told' : 'itself');
    if (!this.isAlive) return;
    const how = 'code' in exit ? `exit ${exit.code}` : `signal ${exit.signal}`;
    this.untold.push(run);
    this.record(`ended ${running.order.token} ${this.date} ${how} 1 1 1 ${running.why}`);
    this.wake();
  }

  private terminate(running: Running, why: Reason, graceMs: number): void {
    if (running.phase !== 'running' || !this.isAlive || !this.steps.has(running)) return;
    const stopped = this.stoppedUntil - this.world.timeline.now;
    if (stopped > 0) {
      this.host.after(stopped, () => this.terminate(running, why, graceMs));
      return;
    }
    running.phase = 'terminated';
    running.why = why;
    running.takeBackDeadline();
    running.takeBackDeadline = this.host.after(graceMs, () => this.killStep(running));
    this.host.signalGroup(running.step.leader.pid, 'SIGTERM');
  }

  private killStep(running: Running): void {
    if (!this.isAlive) return;
    running.phase = 'killed';
    running.takeBackDeadline = this.host.after(KILL_PATIENCE_MS, () => {
      running.phase = 'abandoned';
      this.changed(running);
    });
    this.host.signalGroup(running.step.leader.pid, 'SIGKILL');
  }

  private record(line: string): void {
    this.fresh.push(line);
  }

  /** Tells the conductor, then writes to the file. */
  private flush(): void {
    const lines = this.fresh.splice(0);
    if (lines.length > 0) {
      this.world.trace(() => `runner ${this.process.pid}: ${lines.join('; ')}`);
      this.listener?.records(lines.map((line) => parseRecord(line)!));
      this.unfiled += lines.map((line) => `${line}\n`).join('');
    }
    if (this.unfiled === '') return;
    const { world, file, host } = this;
    if (world.troubleFor('files') !== undefined) {
      host.after(RECORDS_RETRY_MS, () => this.wake());
      return;
    }
    world.disk.append(file, this.unfiled, host.name);
    for (const run of this.untold.splice(0)) world.truth.becomesKnown(run);
    this.unfiled = '';
    // While a conductor listens, its journal keeps what a power failure takes from the file.
    if (this.listener === undefined) world.disk.sync(file);
  }
}
