import type { NewTask } from '../../api/tasks.ts';
import { ownerOfName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import { secondaryProblem } from '../../secondary-datasets.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import type { QueueConfig } from '../config/config.ts';
import { checkImageName } from '../containers/images.ts';
import { type DatasetRow, datasetByName } from '../datasets/dataset-rows.ts';
import type { ClusterStore } from '../state/store.ts';
import { mayActFor } from '../users/may-act-for.ts';
import { usableQueues } from '../users/queues.ts';
import { knownUser, type UserRecord } from '../users/user.ts';
import { wordOfKey, wordsIn } from './command.ts';
import { taskByName } from './task-row.ts';

/** What a new task names, found to be there and to be the owner's. */
export interface CheckedTask {
  readonly owner: UserRecord;
  readonly queue: QueueConfig;
  readonly data: DatasetRow;
  readonly config: DatasetRow;
  /** Secondary datasets by the words that stand for them in the command. */
  readonly secondary: ReadonlyMap<string, DatasetRow>;
}

/**
 * Checks what a new task says of itself, in the order in which users have come to know the messages: its name, its
 * user, its queue, that there is no such task, its datasets, the words of its command, and that its name is free
 * among the datasets. Throws a Refusal for the first thing that is wrong.
 */
export function checkNewTask({ store, config }: Cluster, actor: Actor, task: NewTask): CheckedTask {
  const ownerName = ownerOfName(task.name, 'task');
  mayActFor(actor, ownerName);
  const owner = knownUser(store, ownerName);
  const queue = config.queues.find(({ name }) => name === task.queue);
  if (queue === undefined) {
    const names = config.queues.map(({ name }) => name).join(', ');
    throw new Refusal('not-found', `there is no queue ${quoted(task.queue)}`, `there are ${names}`);
  }
  checkMayUse(usableQueues(store, config, owner.id), owner.name, queue.name);
  if (taskByName(store, task.name) !== undefined) {
    const mend = 'give it another name, or delete that one: maestro task delete';
    throw new Refusal('exists', `there is a task ${task.name} already`, mend);
  }
  const datasets = checkDatasets(store, owner, task);
  checkCommand(task);
  if (datasetByName(store, task.name) !== undefined) {
    const mend = 'outputs go into a dataset of the task’s name; give the task another one';
    throw new Refusal('exists', `there is a dataset ${task.name} already`, mend);
  }
  checkImageName(task.image);
  return { owner, queue, ...datasets };
}

/** Throws a Refusal where a queue is none of those that a user may use. */
export function checkMayUse(usable: readonly string[], user: string, queue: string): void {
  if (usable.includes(queue)) return;
  const mend = usable.length === 0 ? 'ask an administrator of the cluster' : `use ${usable.join(', ')}`;
  throw new Refusal('forbidden', `${user} may not use the queue ${queue}`, mend);
}

function checkDatasets(
  store: ClusterStore,
  owner: UserRecord,
  { dataFile, configFile, secondary, exec }: NewTask,
): Pick<CheckedTask, 'data' | 'config' | 'secondary'> {
  const data = knownDataset(store, owner, dataFile, 'dataFile');
  const config = knownDataset(store, owner, configFile, 'configFile');
  const problem = secondaryProblem(secondary);
  if (problem !== undefined) throw new Refusal('unprocessable', problem);
  const byWord = new Map(
    Object.entries(secondary).map(([key, name]) => [
      wordOfKey(exec, key),
      knownDataset(store, owner, name, `secondary dataset ${key}`),
    ]),
  );
  return { data, config, secondary: byWord };
}

/** Jobs see their owner's datasets and no others, so the rights of an administrator do not count here. */
function knownDataset(store: ClusterStore, owner: UserRecord, name: string, what: string): DatasetRow {
  if (ownerOfName(name, 'dataset') !== owner.name) {
    throw new Refusal('forbidden', `the ${what} ${name} does not belong to ${owner.name}`);
  }
  const dataset = datasetByName(store, name);
  if (dataset !== undefined) return dataset;
  const mend = 'upload it: maestro castor upload';
  throw new Refusal('not-found', `there is no dataset ${name}, which is to be the ${what}`, mend);
}

function checkCommand({ exec, secondary, isDummyData, isDummyConfig }: NewTask): void {
  if (exec.includes('\0')) throw new Refusal('unprocessable', '--exec contains a NUL character');
  const keys = Object.keys(secondary).map((key) => ({ key, word: wordOfKey(exec, key) }));
  const present = wordsIn(exec, ['%DATA', '%IN', '%OUT', ...keys.map(({ word }) => word)]);
  const needed = [
    { word: '%DATA', what: 'the data file', isNeeded: !isDummyData, orElse: ' or say --is_dummy_data' },
    {
      word: '%IN',
      what: 'the configuration file',
      isNeeded: !isDummyConfig,
      orElse: ' or say --is_dummy_config',
    },
    { word: '%OUT', what: 'the output directory', isNeeded: true, orElse: '' },
    ...keys.map(({ key, word }) => ({ word, what: `the dataset of ${key}`, isNeeded: true, orElse: '' })),
  ];
  for (const { word, what, isNeeded, orElse } of needed) {
    if (!isNeeded || present.has(word)) continue;
    const mend = `put it where the command is to have ${what}${orElse}`;
    throw new Refusal('unprocessable', `--exec does not contain ${word}`, mend);
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
