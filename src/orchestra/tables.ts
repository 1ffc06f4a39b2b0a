import Table from 'cli-table3';
import type { Dataset } from './api/datasets.ts';
import { JOB_STATES, type QueuedJob, type Task } from './api/tasks.ts';

/** The datasets of a user as a table. */
export function datasetTable(datasets: readonly Pick<Dataset, 'owner' | 'name' | 'files'>[]): string {
  return tableOf(
    ['Username', 'Dataset', 'Files'],
    datasets.map(({ owner, name, files }) => [owner, name, String(files)]),
  );
}

const JOB_HEADERS = [
  'Registered',
  'Assigned',
  'Testing',
  'Running',
  'Failed',
  'Done',
  'kill',
  'killed',
  'broken',
];

/** The tasks of a user as a table, with the counts of their jobs. */
export function taskTable(tasks: readonly Task[]): string {
  return tableOf(
    ['Queue', 'Taskname', ...JOB_HEADERS, 'Status'],
    tasks.map(({ queue, name, jobs, state }) => [
      queue,
      name,
      ...JOB_STATES.map((job) => String(jobs[job])),
      state,
    ]),
  );
}

/** The jobs of a queue as a table. */
export function queueTable(jobs: readonly QueuedJob[]): string {
  return tableOf(
    ['username', 'Queue', 'Taskname', 'job', 'priority', 'Status'],
    jobs.map(({ user, queue, task, job, priority, state }) => [
      user,
      queue,
      task,
      job,
      priority === null ? '' : priority.toFixed(1),
      state,
    ]),
  );
}

/** Plain text: who reads it may be no terminal. */
function tableOf(head: string[], rows: readonly string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}
