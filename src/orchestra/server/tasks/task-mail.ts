import { JOB_STATES, type JobCounts, type TaskState } from '../../api/tasks.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { Letter } from '../mail/outbox.ts';
import type { EndedState } from './task-states.ts';

/** What a mail about a task tells. */
export interface TaskNews {
  readonly name: string;
  readonly owner: string;
  readonly state: EndedState | 'to_be_removed' | 'to_be_removed_soon';
  readonly reason: string;
  readonly jobs: JobCounts;
}

const OPENINGS: Readonly<Record<TaskNews['state'], string>> = {
  done: 'is done: all of its jobs have ended well.',
  finalized: 'has ended, and some of its jobs have failed.',
  broken: 'is broken: it was not run.',
  killed: 'has been killed.',
  to_be_removed: 'will be removed, with its outputs.',
  to_be_removed_soon: 'will be removed very soon, with its outputs.',
};

/** The mail that tells a task's owner what has become of it. */
export function taskMail(
  { name, owner, state, reason, jobs }: TaskNews,
  { reaping, server }: Pick<ClusterConfig, 'reaping' | 'server'>,
): Letter {
  const counts = JOB_STATES.filter((job) => jobs[job] > 0).map((job) => `  ${job}: ${jobs[job]}`);
  const lines = [
    `Dear ${owner},`,
    '',
    `the task ${name} ${OPENINGS[state]}`,
    ...(reason === '' ? [] : [`${reason}.`]),
    '',
    'Its jobs:',
    ...counts,
    '',
    ...adviceOn(state, name),
    removalNotice(state, reaping),
    ...(server.url === undefined ? [] : ['', server.url]),
  ];
  return { subject: `${name}: ${state}`, body: `${lines.join('\n')}\n` };
}

function adviceOn(state: TaskState, name: string): string[] {
  const retry = `Run again what has not ended well: maestro task retry -t ${name}`;
  const download = `Fetch its outputs: maestro castor download -d ${name}`;
  const logs = `See what its jobs have said: maestro task logs ${name}`;
  if (state === 'done') return [download];
  return state === 'to_be_removed' || state === 'to_be_removed_soon'
    ? [download, `Keep it: maestro task retry -t ${name}`]
    : [logs, retry];
}

function removalNotice(state: TaskState, reaping: ClusterConfig['reaping']): string {
  const { warnDays, warnAgainDays, removeDays } = reaping;
  const since = { to_be_removed: warnDays, to_be_removed_soon: warnAgainDays } as const;
  const days = removeDays - (state in since ? since[state as keyof typeof since] : 0);
  return `Unless it is retried before, it will be removed in ${daysText(days)}.`;
}

function daysText(days: number): string {
  const rounded = Math.round(days * 100) / 100;
  return rounded === 1 ? 'a day' : `${rounded} days`;
}
