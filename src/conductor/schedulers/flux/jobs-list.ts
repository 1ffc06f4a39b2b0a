import type { Exit } from '../../../shared/state/transition.ts';
import type { JobReport } from '../scheduler.ts';
import { type JobFacts, meaningOf, stateWords } from './job-states.ts';

/** What stands between two fields. The last field alone may hold it too. */
const SEPARATOR = '|';

/**
 * The fields of a poll: `-o` costs half of what `--json` does, and all versions know these. The note comes last,
 * since it may hold anything.
 */
const FIELDS = [
  'id.dec',
  'state',
  'result',
  'waitstatus',
  't_run',
  't_inactive',
  'exception.type',
  'contextual_info',
  'exception.note',
] as const;

/** The arguments of `flux` that ask about these jobs. */
export function pollArgs(ids: readonly string[]): string[] {
  return ['jobs', '-n', '-o', FIELDS.map((field) => `{${field}}`).join(SEPARATOR), ...ids];
}

/** Reads the answer to a poll; lines that are none of its own, such as the rest of a note, are passed over. */
export function readPoll(stdout: string): Map<string, JobReport> {
  const reports = new Map<string, JobReport>();
  for (const line of stdout.split('\n')) {
    const fields = fieldsOf(line, FIELDS.length);
    if (fields !== undefined) reports.set(fields[0]!, reportOf(fields));
  }
  return reports;
}

function fieldsOf(line: string, count: number): string[] | undefined {
  const parts = line.split(SEPARATOR);
  if (parts.length < count || !/^\d+$/.test(parts[0]!)) return undefined;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(SEPARATOR)];
}

function reportOf(fields: readonly string[]): JobReport {
  const [, state, result, waitStatus, run, inactive, exceptionType, info, exceptionNote] = fields;
  // Of a job that runs or has run, the information is its nodes.
  const remark = result === '' && Number(run) === 0 ? info! : '';
  const facts: JobFacts = {
    state: state!,
    result: result!,
    exceptionType: exceptionType!,
    exceptionNote: exceptionNote!.trim(),
    remark: remark.trim(),
  };
  const meaning = meaningOf(facts);
  const words = stateWords(facts);
  const startedAt = milliseconds(run!);
  const started = startedAt === undefined ? {} : { startedAt };
  if (meaning.kind === 'waiting') return { ...meaning, words };
  if (meaning.kind === 'running') return { ...meaning, ...started, words };
  const endedAt = milliseconds(inactive!);
  const exit = exitOf(waitStatus!);
  return {
    ...meaning,
    ...(exit === undefined ? {} : { exit }),
    ...started,
    ...(endedAt === undefined ? {} : { endedAt }),
    words,
  };
}

/** Flux tells times as seconds since 1970, and 0.0 where there is none. */
function milliseconds(text: string): number | undefined {
  const seconds = Number(text);
  return seconds > 0 ? Math.round(seconds * 1000) : undefined;
}

/** A job that never started has no wait status. */
function exitOf(text: string): Exit | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const status = Number(text);
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal };
}

/** A job of the user's, as a search sees it. */
export interface ListedJob {
  readonly id: string;
  /** Unix milliseconds. */
  readonly submittedAt: number;
}

/** The arguments of `flux` that list all jobs of the user, ended ones too; `-a` alone would stop at a thousand. */
export const LIST_ARGS: readonly string[] = ['jobs', '-a', '-c', '0', '-n', '-o', '{id.dec}|{t_submit}'];

/** Reads the list of all jobs. */
export function readList(stdout: string): ListedJob[] {
  return stdout.split('\n').flatMap((line) => {
    const fields = fieldsOf(line, 2);
    const submittedAt = milliseconds(fields?.[1] ?? '');
    return fields === undefined || submittedAt === undefined ? [] : [{ id: fields[0]!, submittedAt }];
  });
}

const UNKNOWN_ID = /^JobID \S+ unknown$/;

/** Whether all that `flux jobs` complains of is ids that it does not know: then it has answered. */
export function saysOnlyUnknown(stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => UNKNOWN_ID.test(line.trim()));
}
