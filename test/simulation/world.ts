import type { Statement } from 'better-sqlite3';
import type { Graph } from '../../src/conductor/graph.ts';
import { requestDirectory } from '../../src/shared/repair-request.ts';
import { type Store, storeFile } from '../../src/shared/state/store.ts';
import { fakeStudy } from '../fakes/graphs.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { Cluster } from './cluster.ts';
import { Conductor } from './conductor.ts';
import { type Dice, diceOf } from './dice.ts';
import { Disk } from './disk.ts';
import { checkEnd } from './final-checks.ts';
import { Host } from './host.ts';
import { JournalChecks } from './journal-checks.ts';
import { Requests } from './requests.ts';
import type { SimulatedRunner } from './runner.ts';
import {
  type EffectFault,
  HOSTS,
  type HostName,
  type Scenario,
  type SubmissionFault,
  type TemplatePlan,
} from './scenario.ts';
import { newStore, STUDY_TOKEN } from './store.ts';
import { befall, type Trouble } from './timed-faults.ts';
import { Timeline } from './timeline.ts';
import { Truth } from './truth.ts';
import { User } from './user.ts';

/** When every simulation begins. */
const BEGINNING = 1_800_000_000_000;
/** How long after the last fault a study may take to end. */
const PATIENCE_MS = 12 * 3_600_000;
/** More conductors than this, one after the other: something makes them leave before they have done anything. */
const CONDUCTORS = 500;
/** For how long what is left of jobs and processes is looked at after the end. */
const AFTERMATH_MS = 30 * 60_000;

/** What came of a run. */
export interface RunResult {
  /** What was found to be wrong; empty if nothing. */
  readonly violations: readonly string[];
  /** What happened, line by line, if that was asked for. */
  readonly trace: readonly string[];
  /** How many things happened. */
  readonly events: number;
  /** How long it took in the simulation, in milliseconds. */
  readonly simulatedMs: number;
  /** What is worth counting, by how often it happened. */
  readonly notes: ReadonlyMap<string, number>;
}

/** All of a simulated world, from its beginning to the end of its study. */
export class SimulatedWorld {
  readonly scenario: Scenario;
  readonly timeline = new Timeline(BEGINNING);
  readonly disk: Disk;
  readonly hosts: ReadonlyMap<HostName, Host>;
  readonly cluster: Cluster;
  readonly directory = '/studies/made_up';
  readonly store: Store;
  readonly graph: Graph;
  readonly truth: Truth;
  readonly conductors: Conductor[] = [];
  readonly runners: SimulatedRunner[] = [];
  readonly user: User;
  readonly requests: Requests;
  readonly effectFaults: ReadonlyMap<number, ReadonlyMap<number, EffectFault['what']>>;
  readonly submissionFates: ReadonlyMap<number, SubmissionFault['fate']>;
  readonly violations: string[] = [];
  /** When the last fault is over. */
  readonly calmAt: number;
  troubles: Trouble[] = [];
  /** When the disk was in trouble last, or a conductor was stopped: what was decided then may be recorded late. */
  disturbedAt = Number.NEGATIVE_INFINITY;
  private readonly journal: JournalChecks;
  private readonly statements = new Map<string, Statement>();
  private readonly lines: string[] | undefined;
  private readonly notes = new Map<string, number>();
  private readonly fatalStarts: Set<number>;
  private starts = 0;

  constructor(scenario: Scenario, options: { readonly isTraced: boolean }) {
    this.scenario = scenario;
    this.lines = options.isTraced ? [] : undefined;
    this.disk = new Disk(this.timeline);
    this.hosts = new Map(HOSTS.map((name) => [name, new Host(name, this.timeline)]));
    this.cluster = new Cluster(this);
    const { study, expansion, graph } = fakeStudy(scenario.study.templates.map(templateOf));
    this.graph = graph;
    const { limits, resubmits, arrays } = scenario.study;
    const isBatch = scenario.study.templates.some(({ isScheduled }) => isScheduled);
    const batch = { ...study.batch, type: isBatch ? 'slurm' : 'local', resubmits, arrays } as const;
    const placed = { ...study, directory: this.directory, batch };
    this.store = newStore(placed, expansion, limits, this.timeline.now);
    this.disk.makeDirectory(requestDirectory(this.directory));
    this.disk.write(storeFile(this.directory), 'in memory', HOSTS[0], { isDurable: true });
    this.truth = new Truth(this.store, STUDY_TOKEN, graph, this.timeline, (what) => this.violate(what));
    this.journal = new JournalChecks(this);
    this.effectFaults = effectFaultsOf(scenario);
    this.submissionFates = new Map(
      scenario.faults.flatMap((fault) => (fault.kind === 'submission' ? [[fault.n, fault.fate]] : [])),
    );
    this.fatalStarts = new Set(
      scenario.faults.flatMap((fault) => (fault.kind === 'runner dies starting' ? [fault.n] : [])),
    );
    this.requests = new Requests(this);
    this.user = new User(this);
    this.calmAt = BEGINNING + Math.max(0, ...scenario.faults.map((fault) => befall(this, fault)));
  }

  /** What the scenario says of a step. */
  readonly planOf = (step: number): TemplatePlan =>
    this.scenario.study.templates[this.graph.template[step]!]!;

  /** Plays it to its end. */
  async play(): Promise<RunResult> {
    this.timeline.after(0, () => this.user.start(HOSTS[0]));
    try {
      const isOver = (): boolean =>
        this.violations.length > 0 || (this.hasEnded && this.requests.areOver && !this.hasConductor);
      await this.timeline.run(this.calmAt + PATIENCE_MS, isOver);
      await this.timeline.run(this.timeline.now + AFTERMATH_MS, () => this.violations.length > 0);
    } catch (error) {
      this.violate(String(error));
    }
    if (this.violations.length === 0) this.requests.checkEnd();
    if (this.violations.length === 0) checkEnd(this, this.journal);
    const result = this.result();
    this.store.close();
    return result;
  }

  private result(): RunResult {
    return {
      violations: this.violations,
      trace: this.lines ?? [],
      events: this.timeline.happened,
      simulatedMs: this.timeline.now - BEGINNING,
      notes: this.notes,
    };
  }

  get hasEnded(): boolean {
    return this.statement('SELECT outcome FROM study').pluck().get() !== null;
  }

  private get hasConductor(): boolean {
    return this.conductors.some(({ isAlive }) => isAlive);
  }

  /** Whether faults may still come. */
  get isInTrouble(): boolean {
    return this.timeline.now < this.calmAt;
  }

  /** The trouble that the disk gives now, for the store or for other files. */
  troubleFor(what: 'store' | 'files'): Trouble | undefined {
    return this.troubles.find(({ where }) => where === 'everywhere' || where === what);
  }

  disturb(): void {
    this.disturbedAt = this.timeline.now;
  }

  /** Small draws, by their use. */
  dice(...use: number[]): Dice {
    return diceOf(this.scenario.seed, ...use);
  }

  behaviourOf(step: number, number: number): Behaviour {
    return behaviourOf(this.scenario, step, number);
  }

  /** Whether the runner that starts a step now does not live to tell of it. */
  killsRunnerAtStart(): boolean {
    return this.fatalStarts.has(this.starts++);
  }

  startConductor(host: Host): void {
    if (this.conductors.length < CONDUCTORS)
      this.conductors.push(new Conductor(this, host, this.conductors.length));
    else this.violate('conductors come and go without end');
  }

  conductorIsGone(conductor: Conductor): void {
    this.user.conductorIsGone(conductor);
  }

  committed(conductor: Conductor): void {
    this.journal.committed(conductor);
  }

  /** A statement of the store, prepared once. */
  statement(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.store.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  readonly violate = (what: string): void => {
    this.trace(() => `VIOLATION: ${what}`);
    this.violations.push(what);
  };

  trace(line: () => string): void {
    if (this.lines === undefined) return;
    const seconds = ((this.timeline.now - BEGINNING) / 1000).toFixed(3).padStart(10);
    this.lines.push(`${seconds} ${line()}`);
  }

  /** Counts what happened. */
  note(what: string): void {
    this.notes.set(what, (this.notes.get(what) ?? 0) + 1);
  }
}

function templateOf(plan: Scenario['study']['templates'][number]): Parameters<typeof fakeStudy>[0][number] {
  const { steps, parents, funnels, cores, gpus, walltime, hasRestart, retry, isScheduled } = plan;
  const resources = {
    'cores per task': String(cores),
    ...(gpus > 0 ? { gpus: String(gpus) } : {}),
    ...(walltime > 0
      ? {
          walltime: `0:${String(Math.floor(walltime / 60)).padStart(2, '0')}:${String(walltime % 60).padStart(2, '0')}`,
        }
      : {}),
    ...(isScheduled ? { nodes: '1' } : {}),
  };
  const again = { ...(hasRestart ? { restart: 'again' } : {}), ...(retry === undefined ? {} : { retry }) };
  return { steps, parents, funnels, resources, isScheduled, ...again };
}

function effectFaultsOf({ faults }: Scenario): Map<number, Map<number, EffectFault['what']>> {
  const byConductor = new Map<number, Map<number, EffectFault['what']>>();
  for (const fault of faults) {
    if (fault.kind !== 'at-effect') continue;
    const ofOne = byConductor.get(fault.conductor) ?? new Map();
    byConductor.set(fault.conductor, ofOne.set(fault.effect, fault.what));
  }
  return byConductor;
}
