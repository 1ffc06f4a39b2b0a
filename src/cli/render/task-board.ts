import {
  JOB_STATES,
  type JobState,
  type QueuedJob,
  type Task,
  type TaskState,
} from '../../orchestra/api/tasks.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';

/** How boards are to look. */
export interface BoardOptions {
  /** Columns of the terminal; absent where the output is none. */
  readonly width: number | undefined;
  readonly theme: Theme;
}

type Shade = 'faint' | 'good' | 'active' | 'warning' | 'error' | 'plain';

const TASK_SHADES: Readonly<Record<TaskState, Shade>> = {
  registered: 'faint',
  testing: 'active',
  running: 'active',
  broken: 'error',
  done: 'good',
  finalized: 'error',
  kill: 'warning',
  killed: 'warning',
  to_be_removed: 'warning',
  to_be_removed_soon: 'warning',
};

const JOB_SHADES: Readonly<Record<JobState, Shade>> = {
  registered: 'plain',
  assigned: 'plain',
  testing: 'active',
  running: 'active',
  failed: 'error',
  done: 'good',
  kill: 'warning',
  killed: 'warning',
  broken: 'error',
};

const JOB_HEADERS: Readonly<Record<JobState, string>> = {
  registered: 'Registered',
  assigned: 'Assigned',
  testing: 'Testing',
  running: 'Running',
  failed: 'Failed',
  done: 'Done',
  kill: 'kill',
  killed: 'killed',
  broken: 'broken',
};

const TASK_COLUMNS: readonly Column[] = [
  { header: 'Queue' },
  { header: 'Taskname', isElastic: true },
  ...JOB_STATES.map((state): Column => ({ header: JOB_HEADERS[state], align: 'right' })),
  { header: 'Status' },
];

const QUEUE_COLUMNS: readonly Column[] = [
  { header: 'username' },
  { header: 'Queue' },
  { header: 'Taskname', isElastic: true },
  { header: 'job' },
  { header: 'priority', align: 'right' },
  { header: 'Status' },
];

/** The board of a user's tasks: the counts of their jobs by state. */
export function taskBoardLines(tasks: readonly Task[], { width, theme }: BoardOptions): Iterable<string> {
  const rows = tasks.map(({ queue, name, jobs, state }) => [
    queue,
    name,
    ...JOB_STATES.map((job) => String(jobs[job])),
    state,
  ]);
  return tableLines(TASK_COLUMNS, rows, {
    width,
    theme,
    paint(text, row, column) {
      const task = tasks[row]!;
      if (column === TASK_COLUMNS.length - 1) return taskStateText(theme, task.state, text);
      const job = JOB_STATES[column - 2];
      if (job === undefined) return text;
      return task.jobs[job] === 0 ? theme.faint(text) : jobStateText(theme, job, text);
    },
  });
}

/** The board of a queue. */
export function queueBoardLines(
  jobs: readonly QueuedJob[],
  { width, theme }: BoardOptions,
): Iterable<string> {
  const rows = jobs.map(({ user, queue, task, job, priority, state }) => [
    user,
    queue,
    task,
    job,
    priority === null ? '' : priority.toFixed(1),
    state,
  ]);
  return tableLines(QUEUE_COLUMNS, rows, {
    width,
    theme,
    paint: (text, row, column) =>
      column === QUEUE_COLUMNS.length - 1 ? jobStateText(theme, jobs[row]!.state, text) : text,
  });
}

/** A text in the colour of a task's state. */
export function taskStateText(theme: Theme, state: TaskState, text: string = state): string {
  return shaded(theme, TASK_SHADES[state], text);
}

/** A text in the colour of a job's state. */
export function jobStateText(theme: Theme, state: JobState, text: string = state): string {
  return shaded(theme, JOB_SHADES[state], text);
}

function shaded(theme: Theme, shade: Shade, text: string): string {
  return shade === 'plain' ? text : theme[shade](text);
}
