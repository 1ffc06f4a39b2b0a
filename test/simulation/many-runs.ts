import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Word } from './worker.ts';

/** A seed whose run broke a promise, and the first that it broke. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** What many runs came to. */
export interface Tally {
  readonly failures: readonly Failure[];
  readonly runs: number;
  readonly events: number;
  readonly simulatedMs: number;
  readonly notes: ReadonlyMap<string, number>;
}

/** Seeds that a worker gets at a time. */
const AT_A_TIME = 25;
/** A single run takes milliseconds, the longest seconds; a machine may be busy with other things. */
const HANGS_MS = 180_000;
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Plays the runs of `runs` seeds from `seed` on, in so many processes. Ends early after some failures. */
export function playMany(options: {
  readonly seed: number;
  readonly runs: number;
  readonly workers: number;
  /** So many failures are enough. */
  readonly enough: number;
}): Promise<Tally> {
  const many = new ManyRuns(options);
  return many.play();
}

class ManyRuns {
  private readonly end: number;
  private readonly enough: number;
  private readonly workers: number;
  private next: number;
  private played = 0;
  private readonly failures: Failure[] = [];
  private events = 0;
  private simulatedMs = 0;
  private readonly notes = new Map<string, number>();

  constructor({ seed, runs, workers, enough }: Parameters<typeof playMany>[0]) {
    this.next = seed;
    this.end = seed + runs;
    this.workers = workers;
    this.enough = enough;
  }

  async play(): Promise<Tally> {
    await Promise.all(Array.from({ length: this.workers }, () => this.employ()));
    const { played: runs, events, simulatedMs, notes } = this;
    return { failures: this.failures.sort((a, b) => a.seed - b.seed), runs, events, simulatedMs, notes };
  }

  /** Gives one worker orders until there are none; one that hangs is ended and another takes its place. */
  private async employ(): Promise<void> {
    for (let order = this.order(); order !== undefined; ) {
      const worker = fork(WORKER, {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      try {
        for (; order !== undefined; order = this.order()) await this.give(worker, order);
      } catch (error) {
        this.failures.push(error as Failure & Error);
        order = this.order();
      } finally {
        worker.kill('SIGKILL');
      }
    }
  }

  private order(): Order | undefined {
    if (this.next >= this.end || this.failures.length >= this.enough) return undefined;
    const first = this.next;
    this.next = Math.min(this.end, first + AT_A_TIME);
    return { seeds: Array.from({ length: this.next - first }, (_, index) => first + index) };
  }

  /** Rejects with the Failure of a seed that has not come to its end. */
  private give(worker: ChildProcess, order: Order): Promise<void> {
    return new Promise((resolve, reject) => {
      let seed = order.seeds[0]!;
      const giveUp = (what: string): void => {
        worker.removeAllListeners();
        reject(Object.assign(new Error(what), { seed, violations: [what] }));
      };
      let watchdog = AbortSignal.timeout(HANGS_MS);
      const bite = (): void => giveUp('it hangs');
      watchdog.addEventListener('abort', bite);
      worker.once('exit', (code, signal) => giveUp(`its process ends: ${signal ?? code}`));
      worker.on('message', (word: Word) => {
        watchdog.removeEventListener('abort', bite);
        if (word.kind === 'playing') {
          seed = word.seed;
          watchdog = AbortSignal.timeout(HANGS_MS);
          watchdog.addEventListener('abort', bite);
          return;
        }
        worker.removeAllListeners();
        this.add(word, order.seeds.length);
        resolve();
      });
      worker.send(order);
    });
  }

  private add(word: Extract<Word, { kind: 'played' }>, runs: number): void {
    this.played += runs;
    this.failures.push(...word.failures);
    this.events += word.events;
    this.simulatedMs += word.simulatedMs;
    for (const [what, times] of word.notes) this.notes.set(what, (this.notes.get(what) ?? 0) + times);
  }
}
