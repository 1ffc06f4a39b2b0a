import { JOB_STATES, type Job, type JobCounts, type TaskDetails } from '../../orchestra/api/tasks.ts';
import { momentText, spanText } from './duration.ts';
import { tableLines } from './table.ts';
import { type BoardOptions, jobStateText, taskStateText } from './task-board.ts';
import type { Theme } from './theme.ts';
import { padTo, printable } from './width.ts';

const LABEL_WIDTH = 12;
const BAR_WIDTH = 24;

/** A page about a task: what it runs, how far it is, and those of its jobs that are worth a look. */
export function* taskPageLines(
  task: TaskDetails,
  jobs: readonly Job[],
  { width, theme, now }: BoardOptions & { readonly now: number },
): Generator<string> {
  yield `${theme.strong(printable(task.name))}  ${taskStateText(theme, task.state)}`;
  if (task.reason !== '') yield theme.error(printable(task.reason));
  yield '';
  for (const [label, text] of factsOf(task, now)) {
    yield theme.faint(padTo(label, LABEL_WIDTH)) + printable(text);
  }
  yield '';
  yield countsText(task.jobs, theme);
  if (jobs.length === 0) return;
  yield '';
  const rows = jobs.map(({ name, state, node, startedAt, endedAt, input }) => [
    name,
    state,
    node ?? '',
    startedAt === null ? '' : momentText(startedAt, now),
    startedAt === null ? '' : spanText((endedAt ?? now) - startedAt),
    printable(input),
  ]);
  const headers = ['Job', 'Status', 'Node', 'Started', 'Took', 'Input'];
  const columns = headers.map((header) => ({ header, isElastic: header === 'Input' }));
  yield* tableLines(columns, rows, {
    width,
    theme,
    paint: (text, row, column) => (column === 1 ? jobStateText(theme, jobs[row]!.state, text) : text),
  });
}

/** A line that says how far a task is: a bar, then its jobs by state. */
export function taskProgressLine({ name, state, jobs }: TaskDetails, theme: Theme): string {
  const total = totalOf(jobs);
  const over = jobs.done + jobs.failed + jobs.killed + jobs.broken;
  const filled = total === 0 ? 0 : Math.floor((BAR_WIDTH * over) / total);
  const bar = theme.active('█'.repeat(filled)) + theme.faint('░'.repeat(BAR_WIDTH - filled));
  return `${printable(name)}  ${taskStateText(theme, state)}  ${bar}  ${countsText(jobs, theme)}`;
}

/** The jobs by state, such as `34 of 100 done · 2 failed · 4 running`. */
export function countsText(jobs: JobCounts, theme: Theme): string {
  const others = JOB_STATES.filter((state) => state !== 'done' && jobs[state] > 0);
  const done = `${jobs.done} of ${totalOf(jobs)} jobs done`;
  return [done, ...others.map((state) => jobStateText(theme, state, `${jobs[state]} ${state}`))].join(' · ');
}

function totalOf(jobs: JobCounts): number {
  return JOB_STATES.reduce((sum, state) => sum + jobs[state], 0);
}

function factsOf(task: TaskDetails, now: number): (readonly [string, string])[] {
  const secondary = Object.entries(task.secondary).map(([key, dataset]) => [key, dataset] as const);
  return [
    ['queue', task.queue],
    ['image', task.image],
    ['command', task.exec],
    ['data', task.dataFile],
    ['configs', task.configFile],
    ...secondary,
    ['created', momentText(task.createdAt, now)],
    [task.state, `since ${momentText(task.stateAt, now)}`],
    ...(task.run > 1 ? [['run', `${task.run}: it has been started over`] as const] : []),
  ];
}
