import type { TaskState } from '../../api/tasks.ts';
import { ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { ACTIVE_STATES, type EndedState } from './task-states.ts';

/** A task as the store has it. Times are Unix milliseconds. */
export interface TaskRow {
  readonly id: number;
  readonly name: string;
  /** The owner's name. */
  readonly owner: string;
  readonly ownerId: number;
  readonly queue: string;
  readonly image: string;
  /** As it was given. */
  readonly exec: string;
  /** With the files of its datasets in it; `%IN` and `%OUT` still stand there. */
  readonly command: string;
  readonly dataFile: string;
  readonly configFile: string;
  readonly canaries: number;
  readonly run: number;
  /** How far its study has been seen. */
  readonly seen: number;
  readonly wantsRetry: 0 | 1;
  readonly reason: string;
  readonly state: TaskState;
  readonly stateAt: number;
  readonly endedAs: EndedState | null;
  readonly endedAt: number | null;
  readonly createdAt: number;
}

const TASKS = `SELECT task.id, task.name, user.name AS owner, task.owner AS ownerId, queue, image, exec, command,
    data_dataset AS dataFile, config_dataset AS configFile, canaries, run, seen, wants_retry AS wantsRetry,
    reason, task.state, state_at AS stateAt, ended_as AS endedAs, ended_at AS endedAt, task.created_at AS createdAt
  FROM task JOIN user ON user.id = task.owner`;

/** The task of this name, whosever it is. */
export function taskByName(store: ClusterStore, name: string): TaskRow | undefined {
  return statement<TaskRow>(store, `${TASKS} WHERE task.name = ?`).get(name);
}

/** The task of this id. */
export function taskById(store: ClusterStore, id: number): TaskRow | undefined {
  return statement<TaskRow>(store, `${TASKS} WHERE task.id = ?`).get(id);
}

/** Tasks in some states, the oldest first. */
export function tasksIn(store: ClusterStore, states: readonly TaskState[]): TaskRow[] {
  const sql = `${TASKS} WHERE task.state IN (SELECT value FROM json_each(?)) ORDER BY task.id`;
  return statement<TaskRow>(store, sql).all(JSON.stringify(states));
}

/**
 * The task of this name, for who may ask for it. Throws a Refusal for a name that none can have, for a task of
 * somebody else, whether there is one or not, and where there is none.
 */
export function knownTask(store: ClusterStore, actor: Actor, name: string): TaskRow {
  mayActFor(actor, ownerOfName(name, 'task'));
  const task = taskByName(store, name);
  if (task === undefined) throw new Refusal('not-found', `there is no task ${name}`, 'see maestro task list');
  return task;
}

/** All tasks of a user, the oldest first. */
export function tasksOfOwner(store: ClusterStore, ownerId: number): TaskRow[] {
  return statement<TaskRow>(store, `${TASKS} WHERE task.owner = ? ORDER BY task.id`).all(ownerId);
}

/** The names of the datasets that a task's command was made of. */
export function datasetsUsedBy(store: ClusterStore, task: TaskRow): string[] {
  const secondary = statement<{ dataset: string }>(
    store,
    'SELECT dataset FROM task_secondary WHERE task = ?',
  ).all(task.id);
  return [task.dataFile, task.configFile, ...secondary.map(({ dataset }) => dataset)];
}

/** The name of a task that has not ended and uses the dataset of this name; undefined where there is none. */
export function taskThatUses(store: ClusterStore, dataset: string): string | undefined {
  const sql = `SELECT name FROM task WHERE state IN (SELECT value FROM json_each(@states))
      AND (data_dataset = @dataset OR config_dataset = @dataset
        OR EXISTS (SELECT 1 FROM task_secondary WHERE task_secondary.task = task.id AND dataset = @dataset))
    LIMIT 1`;
  return statement<{ name: string }>(store, sql).get({ states: JSON.stringify(ACTIVE_STATES), dataset })
    ?.name;
}
