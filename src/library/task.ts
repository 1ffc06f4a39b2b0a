import type { NewTask, Task, TaskDetails } from '../orchestra/api/tasks.ts';
import { followTask } from '../orchestra/client/follow.ts';
import * as client from '../orchestra/client/tasks.ts';
import { taskTable } from '../orchestra/tables.ts';
import { type ClusterOptions, connect } from './cluster.ts';

/** What a task runs, and on what. What may be left out has the command's default. */
export type TaskToCreate = Pick<NewTask, 'name' | 'dataFile' | 'configFile' | 'exec' | 'image'> &
  Partial<Pick<NewTask, 'secondary' | 'et' | 'eta' | 'isDummyData' | 'isDummyConfig' | 'dryRun'>> & {
    /** Default `cpu_small`; with `gpu` it is `nvidia`. */
    readonly queue?: string;
    readonly gpu?: boolean;
    /** Jobs that are tested before all others are started; default 1, 0: none. */
    readonly canaries?: number;
  };

/** How `task.wait` waits. */
export interface TaskWaitOptions extends ClusterOptions {
  /** Told how the task stands, at once and whenever that has changed. */
  readonly onProgress?: (task: TaskDetails) => void;
}

/** Container tasks of a cluster. Every function throws a Refusal. */
export const task = {
  /** Creates a task; with `dryRun` everything is checked, the jobs are told, and nothing is made. */
  async create(asked: TaskToCreate, options: ClusterOptions = {}): Promise<client.CreatedTask> {
    const { gpu = false, queue = gpu ? 'nvidia' : 'cpu_small', ...rest } = asked;
    const defaults = { secondary: {}, et: 0, eta: 0, isDummyData: false, isDummyConfig: false };
    const body: NewTask = { ...defaults, canaries: 1, dryRun: false, queue, ...rest };
    return await client.createTask(await connect(options), body, options.signal);
  },

  /** Runs a task again: all jobs of a broken or killed one, the failed ones of a finalized one. */
  async retry(name: string, options: ClusterOptions = {}): Promise<Task> {
    return await client.retryTask(await connect(options), name, options.signal);
  },

  /** Deletes a task that has ended, with its outputs. */
  async delete(name: string, options: ClusterOptions = {}): Promise<void> {
    await client.deleteTask(await connect(options), name, options.signal);
  },

  /** Kills a task. */
  async kill(name: string, options: ClusterOptions = {}): Promise<Task> {
    return await client.killTask(await connect(options), name, options.signal);
  },

  /** Kills all tasks of a user, yours where none is named; answers their names. */
  async killAll(user?: string, options: ClusterOptions = {}): Promise<string[]> {
    return await client.killAllTasks(await connect(options), user, options.signal);
  },

  /** The names of a user's tasks, yours where none is named; with `cli` their table is printed too. */
  async list(user?: string, options: ClusterOptions & { readonly cli?: boolean } = {}): Promise<string[]> {
    const tasks = await client.listTasks(await connect(options), user, options.signal);
    if (options.cli === true) process.stdout.write(`${taskTable(tasks)}\n`);
    return tasks.map(({ name }) => name);
  },

  /** A task, with the counts of its jobs. */
  async show(name: string, options: ClusterOptions = {}): Promise<TaskDetails> {
    return await client.showTask(await connect(options), name, options.signal);
  },

  /**
   * Waits until a task has ended and answers it; look at `endedAs`: `done`, `finalized` where some jobs have failed,
   * `broken` where the tested one has, or `killed`. A server that is away for a while is waited for.
   */
  async wait(name: string, { onProgress, ...options }: TaskWaitOptions = {}): Promise<TaskDetails> {
    const { signal } = options;
    let last: TaskDetails | undefined;
    const follow = followTask(await connect(options), name, signal === undefined ? {} : { signal });
    for await (const now of follow) {
      last = now;
      onProgress?.(now);
    }
    return last!;
  },
};
