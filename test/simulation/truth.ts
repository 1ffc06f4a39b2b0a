import type { Graph } from '../../src/conductor/graph.ts';
import { parseAttemptToken } from '../../src/conductor/observation.ts';
import type { StartOrder } from '../../src/conductor/runner/commands.ts';
import { parseRecords } from '../../src/conductor/runner/records.ts';
import type { StepState } from '../../src/shared/state/states.ts';
import type { Store } from '../../src/shared/state/store.ts';
import type { Exit } from '../../src/shared/state/transition.ts';
import type { Host } from './host.ts';
import type { SimulatedRunner } from './runner.ts';
import type { Timeline } from './timeline.ts';
import type { SimulatedWorld } from './world.ts';

/** A process of a host, or a job of the scheduler. */
export type Place = { readonly host: string; readonly pid: number } | { readonly job: string };

/** One time that a step's script has run, as it really was. */
export interface Run {
  readonly step: number;
  readonly number: number;
  readonly where: Place;
  /** As a text. */
  readonly place: string;
  end: RunEnd | undefined;
  /** Since when it can be known how it ended: it stands in a file that everybody can read. */
  knownAt: number | undefined;
}

/** Who ended it: nobody but itself, somebody who told it to, or its machine by going down. */
export type EndedBy = 'itself' | 'told' | 'machine';

interface RunEnd {
  readonly exit: Exit;
  readonly by: EndedBy;
}

interface AttemptRow {
  readonly outcome: string | null;
  readonly newest: number;
  readonly state: StepState;
}

/** What nobody in the simulation knows, but for whom it is played: what has really run, and how it ended. */
export class Truth {
  readonly runs: Run[][];
  /** The last attempt of each step before it was asked for again. */
  private readonly forgiven: number[];
  private readonly token: string;
  private readonly graph: Graph;
  private readonly timeline: Timeline;
  private readonly violate: (what: string) => void;
  private readonly attempt;
  private readonly stateOf;
  private readonly gpusInUse = new Map<
    string,
    { readonly host: string; readonly gpus: readonly number[]; readonly run: Run }
  >();

  constructor(
    store: Store,
    token: string,
    graph: Graph,
    timeline: Timeline,
    violate: (what: string) => void,
  ) {
    this.timeline = timeline;
    this.token = token;
    this.graph = graph;
    this.violate = violate;
    this.runs = Array.from({ length: graph.count }, () => []);
    this.forgiven = Array.from({ length: graph.count }, () => 0);
    this.attempt = store.prepare(
      `SELECT attempt.outcome, step.attempts AS newest, step.state FROM attempt JOIN step ON step.id = attempt.step
       WHERE attempt.step = ? AND attempt.number = ?`,
    );
    this.stateOf = store.prepare('SELECT state FROM step WHERE id = ?').pluck();
  }

  keyOf(token: string): { step: number; number: number } {
    const key = parseAttemptToken(this.token, token);
    if (key === undefined) throw new Error(`${token} names no attempt`);
    return key;
  }

  /** A step's script begins. */
  start(token: string, where: Place): Run {
    const { step, number } = this.keyOf(token);
    const place = 'job' in where ? `job ${where.job}` : `${where.host} ${where.pid}`;
    const name = `step ${step} attempt ${number} (${place})`;
    const row = this.attempt.get(step, number) as AttemptRow | undefined;
    if (row === undefined) this.violate(`${name} starts, and no such attempt is recorded`);
    else if (row.outcome !== null && row.outcome !== 'UNKNOWN') {
      this.violate(`${name} starts, and its attempt is over: ${row.outcome}`);
    }
    for (const earlier of this.runs[step]!) {
      const other = `${name} starts, and attempt ${earlier.number} (${earlier.place})`;
      if (earlier.end === undefined) this.checkUnended(earlier, other);
      else if (isSuccess(earlier) && this.counts(earlier)) this.violate(`${other} has finished`);
      else if (earlier.number === number && earlier.end.by !== 'machine')
        this.violate(`${other} was the same attempt`);
    }
    for (const parent of this.parentsOf(step)) {
      const hasRun = this.runs[parent]!.some((each) => hasFinished(each) && this.counts(each));
      const isMet = hasRun && this.stateOf.get(parent) === 'FINISHED';
      if (!isMet) this.violate(`${name} starts before its parent ${parent} has finished`);
    }
    const run: Run = { step, number, where, place, end: undefined, knownAt: undefined };
    this.runs[step]!.push(run);
    return run;
  }

  /** A step is to run again, by request: what its attempts so far have come to counts no more. */
  forgive(step: number, attempts: number): void {
    this.forgiven[step] = attempts;
  }

  /** Whether an attempt is not one of those after which a user has asked for the step again. */
  counts({ step, number }: Pick<Run, 'step' | 'number'>): boolean {
    return number > this.forgiven[step]!;
  }

  /** Only who asks for a step of which nobody knows how it ended may get it twice at a time. */
  private checkUnended(earlier: Run, other: string): void {
    const row = this.attempt.get(earlier.step, earlier.number) as AttemptRow | undefined;
    if (this.counts(earlier) || row?.outcome !== 'UNKNOWN') this.violate(`${other} still runs`);
  }

  end(run: Run, exit: Exit, by: EndedBy): void {
    if (run.end !== undefined) throw new Error(`step ${run.step} ends twice`);
    run.end = { exit, by };
  }

  /** How it ended stands in a file now. */
  becomesKnown(run: Run): void {
    run.knownAt ??= this.timeline.now;
  }

  /** What ran on a host that went down has ended; of what had ended before, the word may be lost. */
  losePower(host: Host, { disk, directory, store }: SimulatedWorld): void {
    const ended = new Set(
      store.prepare("SELECT step || '.' || number FROM attempt WHERE outcome IS NOT NULL").pluck().all(),
    );
    const folder = `${directory}/.maestro/runner`;
    const written = new Set<string>();
    for (const name of disk.exists(folder) ? disk.list(folder) : []) {
      const { records } = parseRecords(Buffer.from(disk.read(`${folder}/${name}`, host.name)));
      for (const record of records) if (record.kind === 'ended') written.add(record.token);
    }
    for (const run of this.runs.flat()) {
      if (!('host' in run.where) || run.where.host !== host.name) continue;
      if (run.end === undefined) run.end = { exit: { signal: 9 }, by: 'machine' };
      if (ended.has(`${run.step}.${run.number}`) || written.has(`${this.token}.${run.step}.${run.number}`))
        continue;
      // Whatever it wrote may be lost as well: to run it again is right.
      run.end = { ...run.end, by: 'machine' };
      run.knownAt = undefined;
    }
  }

  /** The runs that go on. */
  get live(): Run[] {
    return this.runs.flat().filter(({ end }) => end === undefined);
  }

  /** A runner has started a step: cores and gpus are nobody else's. */
  checkPacking(host: Host, runner: SimulatedRunner, order: StartOrder, run: Run): void {
    if (runner.coresUsed > runner.capacity && runner.running > 1) {
      this.violate(`step ${run.step} starts, and ${runner.coresUsed} cores are in use of ${runner.capacity}`);
    }
    for (const [key, other] of this.gpusInUse) {
      if (other.run.end !== undefined) this.gpusInUse.delete(key);
      else if (other.host === host.name && other.gpus.some((gpu) => order.gpus.includes(gpu))) {
        this.violate(`step ${run.step} starts on a gpu that step ${other.run.step} has`);
      }
    }
    if (order.gpus.length > 0) this.gpusInUse.set(order.token, { host: host.name, gpus: order.gpus, run });
  }

  *parentsOf(step: number): Iterable<number> {
    const { parents, parentsStart, funnels, template, members, membersStart } = this.graph;
    yield* parents.subarray(parentsStart[step]!, parentsStart[step + 1]!);
    for (const group of funnels[template[step]!]!) {
      yield* members.subarray(membersStart[group]!, membersStart[group + 1]!);
    }
  }
}

/** It came to its end and said that all was well: it may be called finished. */
export function hasFinished({ end }: Run): boolean {
  return end !== undefined && end.by !== 'machine' && 'code' in end.exit && end.exit.code === 0;
}

/** And nobody had told it to end: it must be called finished. */
export function isSuccess(run: Run): boolean {
  return hasFinished(run) && run.end?.by === 'itself';
}
