import type { Command, ProcessIdentity, ProcessTable } from '../../src/shared/process-identity.ts';
import type { Timeline } from './timeline.ts';

/** Few, so that they are used again soon. */
const PIDS = { first: 100, last: 160 } as const;

/** A process of a host. */
export interface SimulatedProcess {
  readonly pid: number;
  readonly startTicks: string;
  /** The attempt that it carries in its environment. */
  readonly attempt: string | undefined;
  /** The pid of its group's leader. */
  readonly group: number;
  /** Its last argument, where somebody may look for that. */
  readonly argument: string | undefined;
  /** Takes a signal. */
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** What a process is made of. */
export type ProcessPlan = Pick<SimulatedProcess, 'signal'> & {
  readonly attempt?: string;
  readonly argument?: string;
  /** It leads a group of its own if absent. */
  readonly group?: number;
};

/** A machine: a clock that may be set, a table of processes, a boot that may end. */
export class Host implements ProcessTable {
  readonly name: string;
  /** How far its clock is from the true time, in milliseconds. */
  clockOffset = 0;
  isUp = true;
  /** When it was suspended; undefined while it runs. */
  suspendedSince: number | undefined;
  private readonly timeline: Timeline;
  private readonly processes = new Map<number, SimulatedProcess>();
  private boots = 1;
  private bootedAt: number;
  private lastPid: number = PIDS.first;
  private ticks = 0;
  private waking: (() => void)[] = [];

  constructor(name: string, timeline: Timeline) {
    this.name = name;
    this.timeline = timeline;
    this.bootedAt = timeline.now;
  }

  get clock(): number {
    return this.timeline.now + this.clockOffset;
  }

  bootId(): string {
    return `boot-${this.name}-${this.boots}`;
  }

  start(plan: ProcessPlan): SimulatedProcess {
    do this.lastPid = this.lastPid >= PIDS.last ? PIDS.first : this.lastPid + 1;
    while (this.processes.has(this.lastPid) || this.hasGroup(this.lastPid));
    const pid = this.lastPid;
    // The kernel starts no two processes of one pid in one tick.
    this.ticks = Math.max(this.ticks + 1, Math.floor((this.timeline.now - this.bootedAt) / 10));
    const startTicks = String(this.ticks);
    const { attempt, argument, signal, group = pid } = plan;
    const made = { pid, startTicks, attempt, argument, group, signal };
    this.processes.set(pid, made);
    return made;
  }

  end(process: SimulatedProcess): void {
    if (this.has(process)) this.processes.delete(process.pid);
  }

  has(process: SimulatedProcess): boolean {
    return this.processes.get(process.pid) === process;
  }

  hasGroup(group: number): boolean {
    for (const process of this.processes.values()) if (process.group === group) return true;
    return false;
  }

  isAlive({ pid, startTicks, bootId }: ProcessIdentity): boolean {
    return bootId === this.bootId() && this.processes.get(pid)?.startTicks === startTicks;
  }

  carriesAttempt(pid: number, token: string): boolean {
    return this.processes.get(pid)?.attempt === token;
  }

  findAttempts(): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, number[]>();
    for (const { pid, attempt } of this.processes.values()) {
      if (attempt === undefined) continue;
      const pids = [...(found.get(attempt) ?? []), pid].sort((x, y) => x - y);
      found.set(attempt, pids);
    }
    return found;
  }

  leadsGroup(pid: number): boolean {
    return this.processes.get(pid)?.group === pid;
  }

  findCommands(beginning: string): Command[] {
    return [...this.processes.values()].flatMap(({ pid, startTicks, argument }) =>
      argument?.startsWith(beginning) === true
        ? [{ identity: { pid, startTicks, bootId: this.bootId() }, argument }]
        : [],
    );
  }

  signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL' | 'look'): boolean {
    const members = [...this.processes.values()].filter((process) => process.group === group);
    if (signal !== 'look') for (const member of members) member.signal(signal);
    return members.length > 0;
  }

  /** All its processes are gone; it is as after switching it on. */
  reboot(): void {
    this.processes.clear();
    this.boots++;
    this.bootedAt = this.timeline.now;
    this.ticks = 0;
    this.lastPid = PIDS.first;
    this.suspendedSince = undefined;
    this.waking = [];
  }

  suspend(): void {
    this.suspendedSince ??= this.timeline.now;
  }

  wake(): void {
    this.suspendedSince = undefined;
    for (const happen of this.waking.splice(0)) happen();
  }

  /** Plans something that happens on this host: not while it is suspended, and not after a reboot. */
  after(ms: number, happen: () => void): () => void {
    const boot = this.boots;
    let isTakenBack = false;
    const whenAwake = (): void => {
      if (isTakenBack || boot !== this.boots) return;
      if (this.suspendedSince === undefined) happen();
      else this.waking.push(whenAwake);
    };
    const takeBack = this.timeline.after(ms, whenAwake);
    return () => {
      isTakenBack = true;
      takeBack();
    };
  }
}
