import { systemProcesses } from '../../../shared/process-identity.ts';
import type { Cluster } from '../cluster.ts';
import { statement } from '../state/statement.ts';

/** What there is in a cluster, in figures. */
export interface ClusterFigures {
  readonly tasks: readonly { readonly state: string; readonly count: number }[];
  readonly jobs: readonly { readonly queue: string; readonly state: string; readonly count: number }[];
  /** Jobs that run, by queue. */
  readonly running: ReadonlyMap<string, number>;
  /** The mean wait of jobs that started in the last hour, by queue. */
  readonly waits: readonly Wait[];
  /** How long the oldest task that still has jobs to start has waited, by queue. */
  readonly oldest: readonly Wait[];
  readonly contentBytes: number;
  readonly conductors: number;
}

interface Wait {
  readonly queue: string;
  readonly seconds: number;
}

const HOUR_MS = 60 * 60_000;

/** Counts what there is, by a handful of queries that indexes answer. */
export function figuresOf({ store, clock, directory }: Cluster): ClusterFigures {
  const now = clock.now();
  const jobs = statement<{ queue: string; state: string; count: number }>(
    store,
    `SELECT task.queue, job.state, count(*) AS count FROM job JOIN task ON task.id = job.task
     GROUP BY task.queue, job.state`,
  ).all();
  const running = new Map<string, number>();
  for (const { queue, state, count } of jobs) {
    if (state === 'running' || state === 'testing') running.set(queue, (running.get(queue) ?? 0) + count);
  }
  return {
    tasks: statement<{ state: string; count: number }>(
      store,
      'SELECT state, count(*) AS count FROM task GROUP BY state',
    ).all(),
    jobs,
    running,
    waits: statement<Wait>(
      store,
      `SELECT task.queue, avg(max(job.started_at - task.created_at, 0)) / 1000.0 AS seconds
       FROM job JOIN task ON task.id = job.task WHERE job.started_at > ? GROUP BY task.queue`,
    ).all(now - HOUR_MS),
    oldest: statement<Wait>(
      store,
      `SELECT queue, max(? - created_at, 0) / 1000.0 AS seconds FROM
         (SELECT queue, min(created_at) AS created_at FROM task WHERE state = 'registered' GROUP BY queue)`,
    ).all(now),
    contentBytes:
      statement<{ bytes: number }>(store, 'SELECT coalesce(sum(size), 0) AS bytes FROM blob').get()?.bytes ??
      0,
    conductors: systemProcesses.findCommands(`${directory.studies}/`).length,
  };
}
