import type { Job, NewTask, QueuedJob, Task, TaskDetails } from '../api/tasks.ts';
import * as routes from '../api/tasks.ts';
import { ownerOfName } from '../names.ts';
import type { Answer } from '../route.ts';
import { ask, type Connection, call } from './call.ts';

/** What a task that was created, or with `dryRun` would be, looks like. */
export type CreatedTask = Answer<typeof routes.createTask>;

/** Names that no task can have are refused here: asking the server would not make them better. */
function checked(task: string): { readonly task: string } {
  ownerOfName(task, 'task');
  return { task };
}

/**
 * Creates a task; with `dryRun` the server checks everything and makes nothing. Like all functions here it throws a
 * Refusal with the server's words, and one of code `unavailable` where no server answers.
 */
export async function createTask(
  connection: Connection,
  task: NewTask,
  signal?: AbortSignal,
): Promise<CreatedTask> {
  ownerOfName(task.name, 'task');
  for (const dataset of [task.dataFile, task.configFile, ...Object.values(task.secondary)]) {
    ownerOfName(dataset, 'dataset');
  }
  return await call(connection, routes.createTask, { body: task }, signal);
}

/** Runs a task again: all jobs of a broken or killed one, the failed ones of a finalized one. */
export async function retryTask(connection: Connection, task: string, signal?: AbortSignal): Promise<Task> {
  return await call(connection, routes.retryTask, { params: checked(task) }, signal);
}

/** Kills a task. */
export async function killTask(connection: Connection, task: string, signal?: AbortSignal): Promise<Task> {
  return await call(connection, routes.killTask, { params: checked(task) }, signal);
}

/** Kills all tasks of a user, of whoever asks where none is named; answers their names. */
export async function killAllTasks(
  connection: Connection,
  user?: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { killed } = await call(connection, routes.killAllTasks, { query: ofUser(user) }, signal);
  return killed;
}

/** Deletes a task that has ended, with its outputs. */
export async function deleteTask(connection: Connection, task: string, signal?: AbortSignal): Promise<void> {
  await call(connection, routes.deleteTask, { params: checked(task) }, signal);
}

/** The tasks of a user, of whoever asks where none is named, with the counts of their jobs. */
export async function listTasks(
  connection: Connection,
  user?: string,
  signal?: AbortSignal,
): Promise<Task[]> {
  return await call(connection, routes.listTasks, { query: ofUser(user) }, signal);
}

/** A task, and how far it is. */
export async function showTask(
  connection: Connection,
  task: string,
  signal?: AbortSignal,
): Promise<TaskDetails> {
  return await call(connection, routes.showTask, { params: checked(task) }, signal);
}

/** The jobs of a task, by their numbers; fetched in pages, so that a task may have any number of them. */
export async function* jobsOf(
  connection: Connection,
  task: string,
  { state, signal }: { readonly state?: Job['state']; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Job> {
  const limit = routes.MAX_JOBS_SHOWN;
  for (let from = 0; ; ) {
    const query = { from, limit, ...(state === undefined ? {} : { state }) };
    const jobs = await call(connection, routes.listJobs, { params: checked(task), query }, signal);
    yield* jobs;
    if (jobs.length < limit) return;
    from = jobs.at(-1)!.number + 1;
  }
}

/** The jobs of a queue: those that run, then those that wait, the next one first. */
export async function jobsOfQueue(
  connection: Connection,
  queue: string,
  signal?: AbortSignal,
): Promise<QueuedJob[]> {
  return await call(connection, routes.showQueue, { params: { queue } }, signal);
}

/** A piece of a job's log. */
export interface LogPiece {
  readonly bytes: Uint8Array;
  /** Nothing will follow this piece. */
  readonly isLast: boolean;
}

/** Reads the log of a job from an offset on, a piece of it. */
export async function readJobLog(
  connection: Connection,
  { task, number, offset }: { readonly task: string; readonly number: number; readonly offset: number },
  signal?: AbortSignal,
): Promise<LogPiece> {
  const params = { ...checked(task), number };
  const response = await ask(connection, routes.readJobLog, { params, query: { offset } }, signal);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, isLast: response.headers.get(routes.LOG_ENDED) === 'true' };
}

function ofUser(user: string | undefined): { readonly user?: string } {
  return user === undefined ? {} : { user };
}
