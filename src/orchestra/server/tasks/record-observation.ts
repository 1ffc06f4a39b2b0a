import type { JobState, TaskState } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import type { Cluster } from '../cluster.ts';
import type { JobObservation, TaskObservation } from '../engine/job-observation.ts';
import { statement } from '../state/statement.ts';
import { jobCounts } from './board.ts';
import { mailOwner } from './mail-owner.ts';
import { jobStateSeen, nextTaskState } from './settle.ts';
import { type TaskRow, taskById } from './task-row.ts';
import { ENDED_STATES } from './task-states.ts';
import { moveJobs, moveTask } from './transition.ts';

/**
 * Records what has become of a task's jobs, and of the task by that, with the mail that it causes. To be called in
 * a transaction in which the task has been read.
 */
export function recordObservation(cluster: Cluster, task: TaskRow, observation: TaskObservation): void {
  const { store } = cluster;
  for (const job of observation.jobs) recordJob(cluster, task, job);
  if (observation.cursor !== task.seen) {
    statement(store, 'UPDATE task SET seen = ? WHERE id = ? AND run = ?').run(
      observation.cursor,
      task.id,
      task.run,
    );
  }
  advance(cluster, task, observation.hasEnded);
}

/** Starts a task whose study has been made: its canaries may run, or, where it has none, all of its jobs. */
export function recordStart({ store, clock }: Cluster, task: TaskRow): void {
  const isTested = task.canaries > 0;
  moveTask(store, task, { to: isTested ? 'testing' : 'running' }, clock.now());
  moveJobs(store, task.id, 'assigned', {
    from: ['registered'],
    ...(isTested ? { below: task.canaries } : {}),
  });
}

/** Takes a task to another state with all that follows from it: what becomes of its jobs, and the mail to its owner. */
export function enterState(cluster: Cluster, task: TaskRow, to: TaskState, reason = ''): void {
  const { store, clock } = cluster;
  moveTask(store, task, { to, reason }, clock.now());
  if (to === 'running') moveJobs(store, task.id, 'assigned', { from: ['registered'] });
  if (to === 'broken') moveJobs(store, task.id, 'broken');
  if (to === 'killed') moveJobs(store, task.id, 'killed');
  const ended = ENDED_STATES.find((state) => state === to);
  if (ended !== undefined) mailOwner(cluster, task, ended, reason);
}

interface StoredJob {
  readonly state: JobState;
  readonly node: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

function recordJob({ store }: Cluster, task: TaskRow, seen: JobObservation): void {
  const { number, phase, node, startedAt, endedAt } = seen;
  const job = statement<StoredJob>(
    store,
    'SELECT state, node, started_at AS startedAt, ended_at AS endedAt FROM job WHERE task = ? AND number = ?',
  ).get(task.id, number);
  if (job === undefined) return;
  const state = jobStateSeen(job.state, phase, { state: task.state, isCanary: number < task.canaries });
  const isSame =
    state === job.state && node === job.node && startedAt === job.startedAt && endedAt === job.endedAt;
  if (isSame) return;
  statement(
    store,
    'UPDATE job SET state = ?, node = ?, started_at = ?, ended_at = ? WHERE task = ? AND number = ? AND state = ?',
  ).run(state, node, startedAt, endedAt, task.id, number, job.state);
}

/** A task whose canaries were all of its jobs goes on to its end at once. */
function advance(cluster: Cluster, task: TaskRow, hasEnded: boolean): void {
  const { store } = cluster;
  const canaries = statement<{ state: JobState }>(
    store,
    'SELECT state FROM job WHERE task = ? AND number < ? ORDER BY number',
  )
    .all(task.id, task.canaries)
    .map(({ state }) => state);
  const jobs = jobCounts(store, task.id);
  const next = nextTaskState({ state: task.state, jobs, canaries, hasEnded });
  if (next === undefined) return;
  enterState(cluster, task, next, next === 'broken' ? brokenBy(canaries) : '');
  advance(cluster, taskById(store, task.id)!, hasEnded);
}

function brokenBy(canaries: readonly JobState[]): string {
  const number = canaries.findIndex(
    (state) => state !== 'done' && state !== 'assigned' && state !== 'testing',
  );
  return `The test of ${jobName(number)} has failed, so the others were not run`;
}
