import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { jobName } from '../../../../src/orchestra/job-name.ts';
import type { Cluster } from '../../../../src/orchestra/server/cluster.ts';
import {
  type ClusterConfig,
  defaultConfig,
  type QueueConfig,
} from '../../../../src/orchestra/server/config/config.ts';
import { makeMountPoints } from '../../../../src/orchestra/server/containers/mount-points.ts';
import { dataDirectory, makeDataDirectory } from '../../../../src/orchestra/server/data-directory.ts';
import { createEngine, type Engine } from '../../../../src/orchestra/server/engine/engine.ts';
import type { JobObservation } from '../../../../src/orchestra/server/engine/job-observation.ts';
import type { TaskPlan, TaskRun } from '../../../../src/orchestra/server/engine/task-plan.ts';
import { openClusterStore } from '../../../../src/orchestra/server/state/store.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { readLimits } from '../../../../src/shared/state/queries.ts';
import { openStore } from '../../../../src/shared/state/store.ts';
import { until } from '../../../e2e/until.ts';

export const NODE = hostname();

/** What a task of a test runs. */
export interface SceneTask {
  readonly command: string;
  readonly jobs?: number;
  readonly canaries?: number;
  readonly owner?: string;
  readonly queue?: string;
  readonly inputs?: readonly string[];
}

/** A cluster without a server: its store, its directories and its engine, and what tests ask of them. */
export class EngineScene {
  readonly cluster: Cluster;
  engine: Engine;
  private tasks = 0;
  private readonly plans = new Map<number, TaskPlan>();
  private readonly waiting = new Set<() => void>();

  constructor(queues: readonly QueueConfig[], parent = tmpdir()) {
    const root = mkdtempSync(join(parent, 'maestro-engine-'));
    const directory = dataDirectory(root);
    makeDataDirectory(directory);
    const config: ClusterConfig = { ...defaultConfig(2), queues: [...queues] };
    const store = openClusterStore(root, { mayMake: true });
    const log = pino(
      { level: 'debug' },
      pino.destination({ dest: join(directory.logs, 'server.log'), sync: true }),
    );
    this.cluster = { directory, config, store, clock: systemClock, log };
    makeBusyboxImage(join(directory.images, 'busybox'));
    this.engine = this.start();
  }

  /** A new engine, as after a restart of the server. */
  async restart(): Promise<void> {
    await this.engine.close();
    this.engine = this.start();
  }

  /** Kills what has not ended. */
  async end(): Promise<void> {
    for (const task of this.plans.values()) {
      if (!this.engine.hasStudy(task)) continue;
      this.setState(task, 'kill');
      await this.untilEnded(task);
      this.setState(task, 'registered');
    }
    this.plans.clear();
  }

  async close(): Promise<void> {
    await this.end();
    await this.engine.close();
    this.cluster.store.close();
    rmSync(this.cluster.directory.root, { recursive: true, force: true });
  }

  /** Makes a task and its study, and lets it run. */
  async submit(wanted: SceneTask): Promise<TaskPlan> {
    const plan = this.plan(wanted);
    await this.engine.makeStudy(plan);
    this.setState(plan, plan.canaries > 0 ? 'testing' : 'running');
    return plan;
  }

  plan({ command, jobs = 1, canaries = 0, owner = 'ada', queue = 'cpu', inputs = [] }: SceneTask): TaskPlan {
    const id = ++this.tasks;
    const name = `user.${owner}.task${id}`;
    this.insert(id, name, owner, queue, canaries);
    const plan: TaskPlan = {
      id,
      run: 1,
      owner,
      name,
      queue: this.cluster.config.queues.find((known) => known.name === queue)!,
      image: 'busybox',
      command,
      jobs: Array.from({ length: jobs }, (_, number) => ({ number, input: inputs[number] ?? '' })),
      canaries,
    };
    this.plans.set(id, plan);
    return plan;
  }

  setState({ id }: TaskRun, state: string): void {
    this.cluster.store.prepare('UPDATE task SET state = ? WHERE id = ?').run(state, id);
    this.engine.wake();
  }

  /** The jobs of a task as they are now. */
  jobs(task: TaskRun): readonly JobObservation[] {
    return this.engine.observe(task, 0).jobs;
  }

  /** Waits until the jobs of a task are as they are to be, looking at each change. */
  async until(
    task: TaskRun,
    isSo: (jobs: readonly JobObservation[], hasEnded: boolean) => boolean,
  ): Promise<readonly JobObservation[]> {
    const jobs: JobObservation[] = [];
    for (let after = 0; ; ) {
      const changed = new Promise<void>((resolve) => this.waiting.add(resolve));
      const { jobs: news, cursor, hasEnded } = this.engine.observe(task, after);
      for (const job of news) jobs[job.number] = job;
      after = cursor;
      if (isSo(jobs, hasEnded)) return jobs;
      await changed;
    }
  }

  async untilEnded(task: TaskRun): Promise<readonly JobObservation[]> {
    return this.until(task, (_, hasEnded) => hasEnded);
  }

  /** Waits until the conductor of a task has taken in how many of its jobs may run. */
  async untilAllowed(task: TaskRun, cap: number): Promise<void> {
    const store = openStore(join(this.cluster.directory.studies, `${task.id}-${task.run}`));
    try {
      await until(`${cap} jobs may run`, () => readLimits(store).cores === cap);
    } finally {
      store.close();
    }
  }

  /** Has the study of a task removed, which its conductor may still be about to leave. */
  async untilRemoved(task: TaskRun): Promise<void> {
    await until('the study is removed', async () => {
      try {
        await this.engine.removeStudy(task);
        return true;
      } catch {
        return false;
      }
    });
  }

  outputOf({ owner, name }: TaskPlan, number: number): string {
    return join(this.cluster.directory.volume, owner, name, jobName(number));
  }

  logOf(plan: TaskPlan, number: number): string {
    return readFileSync(join(this.outputOf(plan, number), `${jobName(number)}.log`), 'utf8');
  }

  private start(): Engine {
    const engine = createEngine(this.cluster);
    engine.onChange(() => {
      for (const resolve of this.waiting) resolve();
      this.waiting.clear();
    });
    return engine;
  }

  private insert(id: number, name: string, owner: string, queue: string, canaries: number): void {
    const { store } = this.cluster;
    store
      .prepare(
        `INSERT INTO user (name, password, role, state, max_priority, created_at)
         VALUES (?, '', 'user', 'active', 100, 0) ON CONFLICT DO NOTHING`,
      )
      .run(owner);
    const user = store.prepare('SELECT id FROM user WHERE name = ?').pluck().get(owner);
    const dataset = store
      .prepare("INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, 'outputs', 0)")
      .run(name, user).lastInsertRowid;
    const given = { id, name, owner: user, queue, canaries, output: dataset, run: 1, state: 'registered' };
    const row: Record<string, unknown> = { ...given };
    for (const { name: column, type, notnull, dflt_value: initial } of store.pragma(
      'table_info(task)',
    ) as Column[]) {
      if (!(column in row) && notnull === 1 && initial === null) row[column] = type === 'TEXT' ? '' : 0;
    }
    const columns = Object.keys(row);
    store
      .prepare(
        `INSERT INTO task (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
      )
      .run(row);
    mkdirSync(join(this.cluster.directory.volume, owner), { recursive: true });
  }
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
}

/** An image of Debian's busybox-static: a shell and what goes with it. */
function makeBusyboxImage(root: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  makeMountPoints(root);
  cpSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const name of [
    'sh',
    'true',
    'cat',
    'sleep',
    'env',
    'echo',
    'touch',
    'mkfifo',
    'ls',
    'ps',
    'rm',
    'ln',
  ]) {
    symlinkSync('busybox', join(root, 'bin', name));
  }
}
