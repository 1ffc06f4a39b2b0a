import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';

/** What a job asks for, whatever the scheduler. */
export interface JobOrder {
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Files for what it prints, relative to its directory. */
  readonly stdout: string;
  readonly stderr: string;
  readonly slots: number;
  readonly walltimeMs?: number;
  /** Not to be started before it is released. */
  readonly isHeld: boolean;
}

/** Why a job ended, and how its process did; a job that never ran has no status. */
export interface JobEnd {
  readonly cause: 'itself' | 'cancel' | 'walltime' | 'node' | 'output';
  readonly status: { readonly code: number } | { readonly signal: number } | undefined;
}

/** A job of the cluster; `Details` is what its scheduler's commands tell of it besides. */
export interface FakeJob<Details> {
  readonly id: string;
  readonly order: JobOrder;
  readonly details: Details;
  /** Times are Unix milliseconds. */
  readonly submittedAt: number;
  phase: 'held' | 'waiting' | 'running' | 'ending' | 'ended';
  startedAt?: number;
  endedAt?: number;
  end?: JobEnd;
}

/** Between the SIGTERM and the SIGKILL of a job. */
const GRACE_MS = 500;

const SIGNALS: Readonly<Record<string, number>> = constants.signals;

interface Running {
  readonly process: ChildProcess;
  cause: JobEnd['cause'];
  readonly timers: NodeJS.Timeout[];
}

/**
 * A cluster that runs jobs as processes on this machine, a few at a time, in the order of their submission. What
 * schedulers have in common is here; how one talks is elsewhere.
 */
export class Cluster<Details> {
  /** By id, in the order of submission. A job that is deleted is forgotten. */
  readonly jobs = new Map<string, FakeJob<Details>>();
  private readonly slots: number;
  private readonly running = new Map<FakeJob<Details>, Running>();
  private readonly waiting = new Set<FakeJob<Details>>();
  private taken = 0;
  private isStopped = false;

  constructor(slots: number) {
    this.slots = slots;
  }

  submit(id: string, order: JobOrder, details: Details): FakeJob<Details> {
    const phase = order.isHeld ? 'held' : 'waiting';
    const job: FakeJob<Details> = { id, order, details, submittedAt: Date.now(), phase };
    this.jobs.set(id, job);
    if (!order.isHeld) this.waiting.add(job);
    this.start();
    return job;
  }

  /** Ends a job; false if it has ended already. */
  cancel(job: FakeJob<Details>): boolean {
    if (job.phase === 'ended') return false;
    if (this.running.has(job)) this.kill(job, 'cancel');
    else this.ended(job, { cause: 'cancel', status: undefined });
    return true;
  }

  /** Lets a job's walltime run out. */
  expire(job: FakeJob<Details>): void {
    this.kill(job, 'walltime');
  }

  /** The node crashes with all that runs on it, and is back at once. */
  failNode(): void {
    for (const [job, running] of this.running) {
      running.cause = 'node';
      signal(running.process, 'SIGKILL');
      job.phase = 'ending';
    }
  }

  /** Forgets the jobs that have ended; how many. */
  forgetEnded(): number {
    const ended = [...this.jobs.values()].filter(({ phase }) => phase === 'ended');
    for (const { id } of ended) this.jobs.delete(id);
    return ended.length;
  }

  /** Ends everything that was started, and starts nothing more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    const ends = [...this.running.values()].map(({ process }) => {
      signal(process, 'SIGKILL');
      return new Promise((done) => process.once('close', done));
    });
    await Promise.all(ends);
  }

  private start(): void {
    for (const job of this.waiting) {
      if (this.isStopped || this.taken + Math.min(job.order.slots, this.slots) > this.slots) return;
      this.waiting.delete(job);
      this.run(job);
    }
  }

  private run(job: FakeJob<Details>): void {
    const { command, directory, environment, walltimeMs } = job.order;
    job.phase = 'running';
    job.startedAt = Date.now();
    let outputs: number[];
    try {
      outputs = [job.order.stdout, job.order.stderr].map((file) => openSync(resolve(directory, file), 'a'));
    } catch {
      this.ended(job, { cause: 'output', status: { code: 1 } });
      return;
    }
    const [program, ...args] = command;
    const process = spawn(program!, args, {
      cwd: directory,
      env: environment,
      stdio: ['ignore', ...outputs],
      detached: true,
    });
    for (const output of outputs) closeSync(output);
    const running: Running = { process, cause: 'itself', timers: [] };
    this.running.set(job, running);
    this.taken += this.taking(job);
    if (walltimeMs !== undefined) running.timers.push(setTimeout(() => this.expire(job), walltimeMs));
    process.once('error', () => this.over(job, { code: 127 }));
    process.once('exit', (code, name) =>
      this.over(job, code === null ? { signal: SIGNALS[name!]! } : { code }),
    );
  }

  private taking(job: FakeJob<Details>): number {
    return Math.min(job.order.slots, this.slots);
  }

  private kill(job: FakeJob<Details>, cause: JobEnd['cause']): void {
    const running = this.running.get(job);
    if (running === undefined || job.phase === 'ending') return;
    running.cause = cause;
    job.phase = 'ending';
    signal(running.process, 'SIGTERM');
    running.timers.push(setTimeout(() => signal(running.process, 'SIGKILL'), GRACE_MS));
  }

  private over(job: FakeJob<Details>, status: JobEnd['status']): void {
    const running = this.running.get(job);
    if (running === undefined) return;
    this.running.delete(job);
    this.taken -= this.taking(job);
    for (const timer of running.timers) clearTimeout(timer);
    // Whatever the job has left behind in its process group goes with it.
    signal(running.process, 'SIGKILL');
    this.ended(job, { cause: running.cause, status });
    this.start();
  }

  private ended(job: FakeJob<Details>, end: JobEnd): void {
    this.waiting.delete(job);
    job.phase = 'ended';
    job.endedAt = Date.now();
    job.end = end;
  }
}

/** To the whole process group; one that has ended is no error. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
