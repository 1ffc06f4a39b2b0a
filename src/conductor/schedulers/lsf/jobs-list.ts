import type { Exit } from '../../../shared/state/transition.ts';
import type { JobReport } from '../scheduler.ts';
import { meaningOf } from './job-states.ts';

/** Fields without a width are printed whole. The reason comes last, since it may hold anything. */
const POLL_FORMAT = "jobid stat exit_code exit_reason delimiter='|'";
const FIND_FORMAT = "jobid job_description delimiter='|'";

/** The arguments of bjobs that ask about these jobs, ended ones too. */
export function pollArgs(jobs: readonly string[]): string[] {
  return ['-a', '-noheader', '-o', POLL_FORMAT, ...jobs];
}

/** The arguments of bjobs that list all jobs of the user by what they were submitted as. */
export const FIND_ARGS: readonly string[] = ['-a', '-noheader', '-o', FIND_FORMAT];

/** Reads the answer to a poll; lines that are none of its own are passed over. */
export function readPoll(stdout: string): Map<string, JobReport> {
  const reports = new Map<string, JobReport>();
  for (const line of stdout.split('\n')) {
    const [job = '', state = '', exitCode = '', ...reason] = line.split('|').map((field) => field.trim());
    if (!isJobId(job)) continue;
    reports.set(job, reportOf({ state, exitCode, exitReason: reason.join('|') }));
  }
  return reports;
}

/** Reads the list of all jobs: their ids by the descriptions they were submitted with. */
export function readFind(stdout: string): Map<string, string> {
  const jobs = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [job = '', ...description] = line.split('|').map((field) => field.trim());
    if (isJobId(job)) jobs.set(description.join('|'), job);
  }
  return jobs;
}

/** Whether a text can be the id of a job of LSF. */
export function isJobId(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

/** How a job ended or stands, as LSF's commands tell it; nothing is told by `-`. */
export interface JobFacts {
  readonly state: string;
  readonly exitCode: string;
  readonly exitReason: string;
}

/** The report of a job. */
export function reportOf({ state, exitCode, exitReason }: JobFacts): JobReport {
  const meaning = meaningOf(state, exitReason);
  const reason = exitReason === '-' ? '' : exitReason;
  if (meaning.kind !== 'ended') return { ...meaning, words: state };
  const exit = exitOf(state, exitCode);
  const why = reason || (exit === undefined ? '' : `exit code ${exitCode}`);
  return {
    ...meaning,
    ...(exit === undefined ? {} : { exit }),
    words: state === 'DONE' || why === '' ? state : `${state} (${why})`,
  };
}

/** LSF tells a signal as the shell does, as 128 and its number. */
function exitOf(state: string, exitCode: string): Exit | undefined {
  if (state === 'DONE') return { code: 0 };
  return /^[1-9]\d{0,2}$/.test(exitCode) ? { code: Number(exitCode) } : undefined;
}
