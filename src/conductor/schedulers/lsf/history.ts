import type { JobReport } from '../scheduler.ts';
import { reportOf } from './jobs-list.ts';

/** The arguments of bhist for jobs that bjobs has forgotten, through all of LSF's event files. */
export function historyArgs(jobs: readonly string[]): string[] {
  return ['-l', '-n', '0', ...jobs];
}

/** The arguments of bhist for the job that a submission became, whenever that was. */
export function historySearchArgs(id: string): string[] {
  return ['-a', '-l', '-n', '0', '-Jd', id];
}

const JOB = /^Job <(\d+)>/;

/** The job that such a search has found. */
export function readHistorySearch(stdout: string): string | undefined {
  return JOB.exec(stdout.trimStart())?.[1];
}

/** A line that does not begin at the margin goes on with the one before, which was cut wherever it was full. */
const CONTINUED = /\n {5,}/g;

/**
 * The ends of jobs as bhist tells their lives. Jobs that have not ended, as far as it knows, are left out: what
 * bjobs has forgotten does not run.
 */
export function readHistory(stdout: string): Map<string, JobReport> {
  const reports = new Map<string, JobReport>();
  let job: string | undefined;
  for (const line of stdout.replace(CONTINUED, '').split('\n')) {
    const begun = JOB.exec(line)?.[1];
    if (begun !== undefined) job = begun;
    if (job === undefined) continue;
    const change = changeOf(line);
    if (change === 'on its way') reports.delete(job);
    else if (change !== undefined) reports.set(job, change);
  }
  return reports;
}

const ON_ITS_WAY = /:\s*(?:Submitted|Dispatched|Starting|Started|Pending|Requeued|Migration|Resume)/;
// A line is cut wherever it is full, at spaces too, and these are then lost.
const DONE = /Done\s*successfully/;
const EXITED = /Exited|Completed\s*<exit>/;
const CODE = /exit\s*code\s*(\d+)/;
const SIGNAL = /by\s*signal\s*(\d+)/;
const REASON = /TERM_[A-Z_]+(?::[^;.]*)?/;

function changeOf(line: string): JobReport | 'on its way' | undefined {
  if (DONE.test(line)) return reportOf({ state: 'DONE', exitCode: '-', exitReason: '-' });
  if (EXITED.test(line)) {
    const signal = SIGNAL.exec(line)?.[1];
    const exitCode = CODE.exec(line)?.[1] ?? (signal === undefined ? '-' : String(128 + Number(signal)));
    return reportOf({ state: 'EXIT', exitCode, exitReason: REASON.exec(line)?.[0] ?? '-' });
  }
  return ON_ITS_WAY.test(line) ? 'on its way' : undefined;
}
