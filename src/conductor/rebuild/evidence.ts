import { join } from 'node:path';
import type { Files } from '../../shared/files.ts';
import { STATE_DIRECTORY } from '../../shared/state/store.ts';
import type { AttemptOutcome, Exit } from '../../shared/state/transition.ts';
import { readAllTraces } from '../local/runner-traces.ts';
import { type AttemptKey, parseAttemptToken } from '../observation.ts';
import type { RunnerRecord } from '../runner/records.ts';
import { type JobFiles, openJobFiles } from '../schedulers/job-files.ts';

/** An attempt that has left something behind besides the store: a runner's record, a job script, a claim. */
export interface FoundAttempt extends AttemptKey {
  /** Of the conductor that made it, where that is known. */
  readonly epoch: number | undefined;
  readonly host: string | undefined;
  readonly job: string | null;
  readonly startedAt: number | null;
  /** How it ended, where that is on record. */
  readonly ending: FoundEnding | undefined;
}

/** How an attempt ended; not when, where it was taken away from a job that had not begun it. */
interface FoundEnding {
  readonly at?: number;
  readonly outcome: AttemptOutcome;
  readonly exit?: Exit;
}

/** All attempts of a study that runners' records, job scripts and their marks know of, by step. */
export function findAttempts(
  directory: string,
  studyToken: string,
  files: Files,
): ReadonlyMap<number, readonly FoundAttempt[]> {
  const found = new Map<string, FoundAttempt>();
  for (const attempt of [
    ...ofRunners(directory, studyToken, files),
    ...ofJobs(directory, studyToken, files),
  ]) {
    const key = `${attempt.step}.${attempt.number}`;
    found.set(key, merge(found.get(key), attempt));
  }
  const byStep = new Map<number, FoundAttempt[]>();
  for (const attempt of [...found.values()].sort((a, b) => a.number - b.number)) {
    byStep.set(attempt.step, [...(byStep.get(attempt.step) ?? []), attempt]);
  }
  return byStep;
}

/** Of two marks of one attempt each may tell what the other does not. */
function merge(before: FoundAttempt | undefined, next: FoundAttempt): FoundAttempt {
  if (before === undefined) return next;
  return {
    ...next,
    job: next.job ?? before.job,
    startedAt: next.startedAt ?? before.startedAt,
    ending: next.ending ?? before.ending,
  };
}

function ofRunners(directory: string, studyToken: string, files: Files): FoundAttempt[] {
  return readAllTraces(directory, files).flatMap(({ epoch, host, records }) =>
    records.flatMap((record) => {
      if (record.kind === 'runner' || record.kind === 'closing') return [];
      const key = parseAttemptToken(studyToken, record.token);
      return key === undefined ? [] : [{ ...key, epoch, host, ...whatRecordTells(record) }];
    }),
  );
}

type AttemptRecord = Exclude<RunnerRecord, { readonly kind: 'runner' | 'closing' }>;

function whatRecordTells(record: AttemptRecord): Pick<FoundAttempt, 'job' | 'startedAt' | 'ending'> {
  const nothing = { job: null, startedAt: null, ending: undefined };
  const { at } = record;
  switch (record.kind) {
    case 'started':
      return { ...nothing, job: String(record.pid), startedAt: at };
    case 'ended':
      return { ...nothing, ending: { at, exit: record.exit, outcome: outcomeOf(record.exit) } };
    case 'dropped':
      return { ...nothing, ending: { at, outcome: 'DROPPED' } };
    case 'failed':
      return { ...nothing, ending: { at, outcome: 'FAILED' } };
  }
}

function ofJobs(directory: string, studyToken: string, files: Files): FoundAttempt[] {
  const jobs = join(directory, STATE_DIRECTORY, 'jobs');
  if (!files.exists(jobs)) return [];
  const jobFiles = openJobFiles(directory, files);
  const claimed = files.list(jobs).flatMap((name) => /^(.+)\.(?:claim|exit)$/.exec(name)?.[1] ?? []);
  const submitted = jobFiles.submissions().flatMap(({ tokens }) => tokens);
  return [...new Set([...submitted, ...claimed])].flatMap((token) => {
    const key = parseAttemptToken(studyToken, token);
    return key === undefined ? [] : [jobAttempt(key, token, jobFiles)];
  });
}

function jobAttempt(key: AttemptKey, token: string, files: JobFiles): FoundAttempt {
  const exit = files.exitOf(token);
  const found = { ...key, epoch: undefined, host: undefined, job: files.claimant(token) ?? null };
  if (exit !== undefined) {
    const { code, startedAt, endedAt } = exit;
    const ending = { at: endedAt, outcome: outcomeOf({ code }), exit: { code } };
    return { ...found, startedAt, ending };
  }
  const ending = files.isRevoked(token) ? ({ outcome: 'DROPPED' } as const) : undefined;
  return { ...found, startedAt: null, ending };
}

function outcomeOf(exit: Exit): AttemptOutcome {
  return 'code' in exit && exit.code === 0 ? 'FINISHED' : 'FAILED';
}
