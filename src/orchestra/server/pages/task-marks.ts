import type { JobCounts, JobState, TaskState } from '../../api/tasks.ts';
import { counted } from './format.ts';
import { type Html, html } from './html.ts';

type Kind = 'good' | 'bad' | 'warn' | 'busy' | '';

const JOB_KINDS: Readonly<Record<JobState, Kind>> = {
  registered: '',
  assigned: '',
  testing: 'busy',
  running: 'busy',
  failed: 'bad',
  done: 'good',
  kill: 'warn',
  killed: 'warn',
  broken: 'bad',
};

const TASK_KINDS: Readonly<Record<TaskState, Kind>> = {
  registered: '',
  testing: 'busy',
  running: 'busy',
  broken: 'bad',
  done: 'good',
  finalized: 'warn',
  kill: 'warn',
  killed: 'warn',
  to_be_removed: '',
  to_be_removed_soon: 'warn',
};

/** The state of a task or a job as a mark. The word says it, the colour only helps. */
export function taskPill(state: TaskState): Html {
  return html`<span class="pill ${TASK_KINDS[state]}">${state.replaceAll('_', ' ')}</span>`;
}

/** See `taskPill`. */
export function jobPill(state: JobState): Html {
  return html`<span class="pill ${JOB_KINDS[state]}">${state}</span>`;
}

/** In the order of the bar: what is over first. */
const BAR: readonly JobState[] = ['done', 'failed', 'broken', 'killed', 'kill', 'running', 'testing'];

/** How far the jobs of a task are, as a bar; for readers of numbers stands `jobWords` beside it. */
export function jobBar(jobs: JobCounts): Html {
  const total = Math.max(1, sum(jobs));
  let from = 0;
  const parts = BAR.filter((state) => jobs[state] > 0).map((state) => {
    const width = (100 * jobs[state]) / total;
    const part = html`<rect class="${JOB_KINDS[state]}" x="${from}" width="${width}" height="1"/>`;
    from += width;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

/** How many jobs are in which state: `12 done, 1 failed, 3 running`. */
export function jobWords(jobs: JobCounts): string {
  const states: readonly JobState[] = [...BAR, 'assigned', 'registered'];
  const words = states.filter((state) => jobs[state] > 0).map((state) => `${counted(jobs[state])} ${state}`);
  return words.join(', ') || 'no jobs';
}

/** How many jobs there are. */
export function sum(jobs: JobCounts): number {
  return Object.values(jobs).reduce((total, count) => total + count, 0);
}
