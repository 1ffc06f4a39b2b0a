import { posix } from 'node:path';
import type { NewTask, PlannedJob } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import type { Actor } from '../actor.ts';
import type { Cluster } from '../cluster.ts';
import { makeOutputDataset } from '../datasets/output-dataset.ts';
import { statement } from '../state/statement.ts';
import { type CheckedTask, checkNewTask } from './check-new-task.ts';
import { commandOfJob, type JobPlan, planJobs } from './plan-jobs.ts';

/** What was made, or with `dryRun` would be. */
export interface CreatedTask {
  /** In the store; undefined where nothing was made. */
  readonly id: number | undefined;
  readonly name: string;
  /** How many jobs there are, of which `jobs` has the first ones. */
  readonly count: number;
  readonly jobs: PlannedJob[];
}

/** Shown of the jobs of a dry run: enough to see what the commands look like. */
const JOBS_SHOWN = 100;

/**
 * Makes a task with its jobs and the dataset of its outputs, all or nothing, and leaves its study to the loop;
 * with `dryRun` checks the same and makes nothing.
 * Throws a Refusal for whatever is wrong with it.
 */
export function createTask(cluster: Cluster, actor: Actor, task: NewTask): CreatedTask {
  const { store } = cluster;
  return store
    .transaction((): CreatedTask => {
      const checked = checkNewTask(cluster, actor, task);
      const plan = planJobs(cluster, task, checked);
      const id = task.dryRun ? undefined : insertTask(cluster, task, checked, plan);
      return {
        id,
        name: task.name,
        count: plan.inputs.length,
        jobs: task.dryRun ? shownJobs(task, checked, plan) : [],
      };
    })
    .immediate();
}

function insertTask(cluster: Cluster, task: NewTask, { owner }: CheckedTask, plan: JobPlan): number {
  const { store, clock } = cluster;
  const output = makeOutputDataset(cluster, { name: task.name, owner: owner.id });
  const now = clock.now();
  const { lastInsertRowid: id } = statement(
    store,
    `INSERT INTO task (name, owner, queue, image, exec, command, data_dataset, config_dataset, is_dummy_data,
      is_dummy_config, et, eta, canaries, output, run, state, state_at, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'registered', ?, ?)`,
  ).run(
    task.name,
    owner.id,
    task.queue,
    task.image,
    task.exec,
    plan.command,
    task.dataFile,
    task.configFile,
    task.isDummyData ? 1 : 0,
    task.isDummyConfig ? 1 : 0,
    task.et,
    task.eta,
    Math.min(task.canaries, plan.inputs.length),
    output,
    now,
    now,
  );
  const insertSecondary = statement(
    store,
    'INSERT INTO task_secondary (task, key, dataset) VALUES (?, ?, ?)',
  );
  for (const [key, dataset] of Object.entries(task.secondary)) insertSecondary.run(id, key, dataset);
  const insertJob = statement(
    store,
    `INSERT INTO job (task, number, input, state) VALUES (?, ?, ?, 'registered')`,
  );
  plan.inputs.forEach((input, number) => {
    insertJob.run(id, number, input);
  });
  return Number(id);
}

function shownJobs({ name }: NewTask, { owner }: CheckedTask, { command, inputs }: JobPlan): PlannedJob[] {
  return inputs.slice(0, JOBS_SHOWN).map((input, number) => {
    const job = jobName(number);
    const outputDirectory = posix.join(owner.name, name, job);
    return { name: job, input, command: commandOfJob(command, input, outputDirectory) };
  });
}
