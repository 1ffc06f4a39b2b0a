import { conductStudy } from '../../src/conductor/conduct-study.ts';
import type { Ending } from '../../src/conductor/loop-ports.ts';
import type { Runner, RunnerOptions } from '../../src/conductor/runner/runner.ts';
import type { Scheduler } from '../../src/conductor/schedulers/scheduler.ts';
import type { World } from '../../src/conductor/world.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { UserError } from '../../src/shared/errors.ts';
import type { Files } from '../../src/shared/files.ts';
import type { ProcessTable } from '../../src/shared/process-identity.ts';
import { fileError } from './disk.ts';
import type { Host, SimulatedProcess } from './host.ts';
import { SimulatedRunner } from './runner.ts';
import type { DiskCode, EffectFault } from './scenario.ts';
import { storeFor } from './store.ts';
import type { SimulatedWorld } from './world.ts';

/** Thrown into the program where its process dies: nothing that it does after that has an effect. */
export class Killed extends Error {}

/** In whose process an error was put by a fault. */
export const sufferers = new WeakMap<Error, Conductor>();

/** What an effect of a conductor is, beyond what it does. */
interface EffectNature {
  /** What it throws where the disk refuses; absent where no disk is involved. */
  readonly refusal?: (code: DiskCode) => Error;
  readonly disk?: 'store' | 'files';
  /** Only looks: fails where reads fail. */
  readonly isRead?: boolean;
  /** A part of it, for a death in its middle. */
  readonly part?: () => void;
  /** Its result is not waited for: a process that is stopped before it does it when it goes on. */
  readonly canWait?: boolean;
}

/** A conductor's process: the program itself, and between it and the world all that may befall it. */
export class Conductor {
  /** Counts conductors in the order of their starts. */
  readonly index: number;
  readonly host: Host;
  readonly process: SimulatedProcess;
  private readonly simulated: SimulatedWorld;
  private state: 'alive' | 'dead' = 'alive';
  private isStopped = false;
  /** Whether it ever was. */
  wasStopped = false;
  private waiting: (() => void)[] = [];
  private effects = 0;
  private readonly bornAt: number;
  /** Whether it ever listened to signals: it conducts. */
  private hasStarted = false;
  /** For how long it is to be stopped at its next order. */
  private stopsBeforeOrder: number | undefined;
  private readonly faults: ReadonlyMap<number, EffectFault['what']>;
  private readonly runners: SimulatedRunner[] = [];
  private readonly undo = new Set<() => void>();
  private readonly signalHandlers = new Set<(why: string) => void>();
  /** Timers and questions that keep the process from ending. */
  private pending = 0;
  private ending: Ending | Error | undefined;

  constructor(simulated: SimulatedWorld, host: Host, index: number) {
    this.simulated = simulated;
    this.host = host;
    this.index = index;
    this.bornAt = simulated.timeline.now;
    this.process = host.start({ signal: () => this.kill('by a signal') });
    this.faults = simulated.effectFaults.get(index) ?? new Map();
    this.trace('starts');
    this.deliver(() => this.run());
  }

  get isAlive(): boolean {
    return this.state === 'alive';
  }

  /** Stopped now, by a signal or with its host. */
  get isAway(): boolean {
    return this.isStopped;
  }

  /** For how long it lives, in milliseconds. */
  get ageMs(): number {
    return this.simulated.timeline.now - this.bornAt;
  }

  /** Whether the program has come to its end, and only its process lives on. */
  get hasEnded(): boolean {
    return this.ending !== undefined;
  }

  /** SIGKILL, at once. */
  kill(how: string): void {
    if (this.state === 'dead') return;
    this.trace(`is killed ${how}`);
    this.die();
  }

  /** SIGTERM. */
  terminate(): void {
    this.deliver(() => {
      if (this.signalHandlers.size === 0) this.kill('by SIGTERM, which nobody handles');
      for (const handler of this.signalHandlers) handler('stopped by SIGTERM');
    });
  }

  /** SIGSTOP, and SIGCONT after `ms`; undefined: somebody else sends that. */
  stop(ms?: number): void {
    if (this.state === 'dead') return;
    this.trace('is stopped');
    this.isStopped = true;
    this.wasStopped = true;
    this.stopsBeforeOrder = undefined;
    this.simulated.user.missConductor(ms ?? 0);
    if (ms !== undefined) this.simulated.timeline.after(ms, () => this.resume());
  }

  resume(): void {
    if (!this.isStopped || this.state === 'dead') return;
    this.trace('goes on');
    this.simulated.disturb();
    this.isStopped = false;
    for (const callback of this.waiting.splice(0))
      this.simulated.timeline.after(0, () => this.deliver(callback));
  }

  /** The process is gone, and with it what only it held. */
  private die(): void {
    this.state = 'dead';
    this.host.end(this.process);
    for (const takeBack of this.undo) takeBack();
    this.waiting = [];
    for (const runner of this.runners) {
      runner.loseListener();
      runner.endInput();
    }
    this.simulated.conductorIsGone(this);
  }

  private run(): void {
    const { directory } = this.simulated;
    const self = { pid: this.process.pid, startTicks: this.process.startTicks, bootId: this.host.bootId() };
    const say = (line: string): void => {
      if (this.state === 'alive') this.trace(`logs: ${line}`);
    };
    const logger = {
      info: say,
      warn: say,
      error: say,
      fatal: ({ err }: { readonly err: unknown }) => say(String(err)),
    };
    const openLog = () => ({ logger, close: () => undefined });
    const store = storeFor(this);
    conductStudy({ directory, store, self, openLog }, this.world()).then(
      (ending) => this.ended(ending),
      (error: Error) => this.ended(error),
    );
  }

  private ended(ending: Ending | Error): void {
    if (this.state === 'dead') return;
    this.ending = ending;
    this.trace(`ends: ${ending instanceof Error ? ending : JSON.stringify(ending)}`);
    if (ending instanceof Error && !(ending instanceof UserError)) this.failed(ending);
    this.exitIfIdle();
  }

  /** The program has thrown what nobody caught. */
  failed(error: unknown): void {
    if (error instanceof Killed || this.state === 'dead') return;
    const isInjected = error instanceof Error && sufferers.get(error) === this;
    // Who starts a conductor sees it fail at once. One that conducts must bear what its disk refuses.
    if (isInjected && !this.hasStarted) this.simulated.note('a conductor cannot start on a disk in trouble');
    else this.simulated.violate(`conductor ${this.index} fails: ${(error as Error).stack ?? error}`);
    this.kill(`by ${error}`);
  }

  /** A process with nothing left to wait for ends. */
  private exitIfIdle(): void {
    if (this.ending === undefined || this.pending > 0 || this.state === 'dead') return;
    this.trace('is gone');
    this.die();
  }

  /** Lets the program run: now, or when it goes on. */
  deliver(callback: () => void): void {
    if (this.state === 'dead') return;
    if (this.isStopped) {
      this.waiting.push(callback);
      return;
    }
    this.simulated.timeline.touch();
    try {
      callback();
    } catch (error) {
      this.failed(error);
    }
  }

  /** One effect of the program on the world. */
  effect<Value>(name: string, act: () => Value, nature: EffectNature = {}): Value {
    if (this.state === 'dead') throw new Killed();
    const n = ++this.effects;
    if (process.env.EFFECTS !== undefined) this.trace(`effect ${n} ${name}`);
    const fault = this.faults.get(n);
    if (fault !== undefined) this.befall(fault, n, name, nature);
    if (this.stopsBeforeOrder !== undefined && nature.canWait === true) this.stop(this.stopsBeforeOrder);
    this.refuse(nature);
    if (this.isStopped && nature.canWait === true) {
      this.waiting.push(act);
      return undefined as Value;
    }
    const value = act();
    if (fault?.kind === 'killed' && fault.when === 'after') {
      this.kill(`right after effect ${n}, ${name}`);
      throw new Killed();
    }
    return value;
  }

  private befall(fault: EffectFault['what'], n: number, name: string, nature: EffectNature): void {
    switch (fault.kind) {
      case 'killed':
        if (fault.when === 'after') return;
        if (fault.when === 'within') nature.part?.();
        this.kill(`${fault.when} effect ${n}, ${name}`);
        throw new Killed();
      case 'stopped':
        if (fault.where === 'there') this.stop(fault.ms);
        else this.stopsBeforeOrder = fault.ms;
        return;
      case 'refused':
        if (nature.refusal === undefined || nature.isRead === true) return;
        this.trace(`is refused effect ${n}, ${name}: ${fault.code}`);
        throw this.inject(nature.refusal(fault.code));
    }
  }

  /** A disk in trouble refuses. */
  private refuse({ refusal, disk, isRead = false }: EffectNature): void {
    const trouble = disk === undefined ? undefined : this.simulated.troubleFor(disk);
    if (trouble === undefined || refusal === undefined || (isRead && !trouble.reads)) return;
    throw this.inject(refusal(trouble.code));
  }

  private inject(error: Error): Error {
    sufferers.set(error, this);
    return error;
  }

  trace(what: string): void {
    this.simulated.trace(() => `conductor ${this.index} (${this.host.name} ${this.process.pid}) ${what}`);
  }

  get simulation(): SimulatedWorld {
    return this.simulated;
  }

  private world(): World {
    const { host, simulated } = this;
    return {
      host: host.name,
      clock: this.clock(),
      files: this.files(),
      processes: this.processes(),
      capacityOf: () => ({ cores: simulated.scenario.study.cores, gpus: simulated.scenario.study.gpus }),
      startRunner: (options) => this.startRunner(options),
      createScheduler: async () => this.scheduler(),
      // What may become of the copy is a matter of real files: test/faults has it.
      openCopy: () => ({ note: () => undefined, bringUpToDate: () => undefined }),
      onStopSignals: (callback) => {
        this.hasStarted = true;
        this.signalHandlers.add(callback);
        return () => this.signalHandlers.delete(callback);
      },
    };
  }

  private clock(): Clock {
    const { simulated, host } = this;
    return {
      now: () => Math.round(host.clock),
      elapsed: () => simulated.timeline.now,
      after: (ms, callback) => {
        if (this.state === 'dead') return () => undefined;
        this.pending++;
        let isOver = false;
        const finish = (): boolean => {
          if (isOver) return false;
          isOver = true;
          this.pending--;
          this.undo.delete(takeBack);
          return true;
        };
        const ring = simulated.timeline.after(ms, () =>
          this.deliver(() => {
            if (!finish()) return;
            callback();
            this.exitIfIdle();
          }),
        );
        const takeBack = (): void => {
          if (!finish()) return;
          ring();
          this.exitIfIdle();
        };
        this.undo.add(takeBack);
        return takeBack;
      },
    };
  }

  private files(): Files {
    const { host, simulated } = this;
    const { disk } = simulated;
    const write = (path: string): EffectNature => ({
      disk: 'files',
      refusal: (code) => fileError(code, path),
    });
    const read = (path: string): EffectNature => ({ ...write(path), isRead: true });
    const canRead = (): boolean => simulated.troubleFor('files')?.reads !== true;
    return {
      exists: (path) => this.effect('exists', () => canRead() && disk.exists(path)),
      list: (path) => this.effect('list', () => disk.list(path), read(path)),
      read: (path) => this.effect('read', () => disk.read(path, host.name), read(path)),
      readAt: (path, offset, length) =>
        this.effect(
          'readAt',
          () => Buffer.from(disk.read(path, host.name).slice(offset, offset + length), 'latin1'),
          read(path),
        ),
      modifiedAt: (path) => this.effect('modifiedAt', () => disk.modifiedAt(path), read(path)),
      write: (path, text, { isNew = false, durable: isDurable = false } = {}) => {
        const part = (): void =>
          disk.write(path, text.slice(0, Math.floor(text.length / 2)), host.name, { isNew });
        const act = (): void => disk.write(path, text, host.name, { isNew, isDurable });
        // A full disk has room for a name, and none for what is to be written under it.
        const refusal = (code: DiskCode): Error => {
          if (code === 'ENOSPC' && !(isNew && disk.exists(path))) disk.write(path, '', host.name);
          return fileError(code, path);
        };
        this.effect(`write ${path}`, act, { disk: 'files', refusal, part });
      },
      rename: (from, to) => this.effect(`rename to ${to}`, () => disk.rename(from, to), write(to)),
      remove: (path) => this.effect(`remove ${path}`, () => disk.remove(path), write(path)),
      makeDirectory: (path) => this.effect(`make ${path}`, () => disk.makeDirectory(path), write(path)),
      syncDirectory: (path) => this.effect('sync', () => undefined, write(path)),
      watch: (path, onChange) => {
        const takeBack = disk.watch(path, {
          host: host.name,
          onChange: (name) => this.deliver(() => onChange(name)),
        });
        this.undo.add(takeBack);
        return takeBack;
      },
    };
  }

  private processes(): ProcessTable {
    const { host } = this;
    return {
      bootId: () => host.bootId(),
      isAlive: (identity) => host.isAlive(identity),
      carriesAttempt: (pid, token) => host.carriesAttempt(pid, token),
      findAttempts: () => host.findAttempts(),
      leadsGroup: (pid) => host.leadsGroup(pid),
      findCommands: (argument) => host.findCommands(argument),
      signalGroup: (pid, signal) =>
        this.effect(`${signal} to group ${pid}`, () => host.signalGroup(pid, signal)),
    };
  }

  private startRunner({ recordsFile, cores }: RunnerOptions): Runner {
    let onRecords: Parameters<Runner['onRecords']>[0] = () => undefined;
    let onExit: Parameters<Runner['onExit']>[0] = () => undefined;
    const runner = this.effect('start a runner', () => {
      const started = new SimulatedRunner(this.simulated, this.host, recordsFile, cores, {
        records: (records) => this.deliver(() => onRecords(records)),
        exit: (...how) => this.deliver(() => onExit(...how)),
      });
      this.runners.push(started);
      this.simulated.runners.push(started);
      return started;
    });
    let capacity = cores;
    const send = (command: Parameters<SimulatedRunner['send']>[0]): void =>
      this.effect(`tell the runner to ${command.kind}`, () => runner.send(command), { canWait: true });
    return {
      kind: 'native',
      pid: runner.process.pid,
      start: (orders) => {
        for (const order of orders) send({ kind: 'start', order });
      },
      cancel: (token, graceMs) => send({ kind: 'cancel', token, graceMs }),
      setCapacity: (wanted) => {
        if (wanted !== capacity) send({ kind: 'capacity', cores: wanted });
        capacity = wanted;
      },
      close: () => this.effect('close the runner', () => runner.endInput(), { canWait: true }),
      onRecords: (callback) => {
        onRecords = callback;
      },
      onExit: (callback) => {
        onExit = callback;
      },
    };
  }

  private scheduler(): Scheduler {
    const { cluster, scenario } = this.simulated;
    return {
      submit: (submissions) => this.ask('submit', (answer) => cluster.submit(submissions, answer)),
      poll: (jobs) => this.ask('poll', (answer) => cluster.poll(jobs, answer)),
      cancel: (jobs) => this.ask('cancel jobs', (answer) => cluster.cancel(jobs, answer)),
      find: (submissions) => this.ask('find', (answer) => cluster.find(submissions, answer)),
      arrayLimit: () =>
        this.ask('ask for the array limit', (answer) => {
          this.simulated.timeline.after(20, () => answer(scenario.cluster.arrayLimit));
        }),
    };
  }

  /** A question that takes its time. What was asked happens, whatever becomes of who asked. */
  private ask<Value>(name: string, question: (answer: (value: Value) => void) => void): Promise<Value> {
    this.pending++;
    return new Promise((resolve) => {
      const answer = (value: Value): void =>
        this.deliver(() => {
          this.pending--;
          resolve(value);
          this.exitIfIdleSoon();
        });
      this.effect(name, () => question(answer), { canWait: true });
    });
  }

  /** After what the answer sets going has had its turn. */
  private exitIfIdleSoon(): void {
    this.simulated.timeline.after(0, () => this.exitIfIdle());
  }
}
