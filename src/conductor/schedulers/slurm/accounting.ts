import type { Exit, Usage } from '../../../shared/state/transition.ts';
import type { CommandResult } from '../command.ts';
import { exitOfText } from './exit-status.ts';
import { memberIds, parseQueuedIds, type QueuedIds } from './job-ids.ts';
import type { Sought } from './queue.ts';
import { wordsOf } from './words.ts';

/** What accounting has of a job, or of the elements of an array that were cancelled while they waited. */
export interface AccountingRow {
  readonly ids: QueuedIds;
  readonly state: string;
  readonly exit?: Exit;
  /** Unix seconds, or a word where there is none. */
  readonly start: string;
  readonly end: string;
  readonly usage?: Usage;
}

/** An answer of accounting; a site may have none, and that is no failure. */
export type AccountingAnswer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'down'; readonly words: string };

const FIELDS = 'JobID,State,ExitCode,Start,End,UserCPU,SystemCPU,MaxRSS';

/** The arguments of sacct for jobs by their ids, with their steps, which alone know the memory used. */
export function accountingArgs(ids: readonly string[]): string[] {
  return ['--noheader', '--parsable2', '--units=K', `--format=${FIELDS}`, `--jobs=${ids.join(',')}`];
}

/** Reads sacct's lines: a job's own, then those of its steps (`123_4.batch`, `123_4.0`). */
export function readAccounting(stdout: string): AccountingRow[] {
  const rows: AccountingRow[] = [];
  const rss = new Map<string, number>();
  for (const line of stdout.split('\n')) {
    const [id, state, exitCode, start, end, userCpu, systemCpu, maxRss] = line.split('|');
    if (maxRss === undefined) continue;
    const job = id!.split('.', 1)[0]!;
    rss.set(job, Math.max(rss.get(job) ?? 0, kib(maxRss)));
    const ids = parseQueuedIds(id!);
    if (ids === undefined) continue;
    const exit = exitOfText(exitCode!);
    rows.push({
      ids,
      state: state!,
      ...(exit === undefined ? {} : { exit }),
      start: start!,
      end: end!,
      usage: { userMs: cpuMs(userCpu!), systemMs: cpuMs(systemCpu!), maxRssKib: 0 },
    });
  }
  return rows.map((row) => withMemory(row, row.ids.kind === 'one' ? (rss.get(row.ids.id) ?? 0) : 0));
}

/** Where no step's memory was sampled, nothing is known of the job's use. */
function withMemory({ usage, ...row }: AccountingRow, maxRssKib: number): AccountingRow {
  return maxRssKib === 0 || usage === undefined ? row : { ...row, usage: { ...usage, maxRssKib } };
}

/** `[DD-[HH:]]MM:SS[.mmm]` in milliseconds; 0 where it is none. */
function cpuMs(text: string): number {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return 0;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000);
}

const KIB_OF_UNIT: Readonly<Record<string, number>> = {
  '': 1 / 1024,
  K: 1,
  M: 1024,
  G: 1024 ** 2,
  T: 1024 ** 3,
  P: 1024 ** 4,
};

/** `216K`, `1.5G`; without a letter bytes; 0 where it is no size. */
function kib(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)$/.exec(text);
  return match === null ? 0 : Math.round(Number(match[1]) * KIB_OF_UNIT[match[2]!]!);
}

const NO_ACCOUNTING = /accounting storage is disabled|accounting_storage\/none/i;

/** Sorts out what a call of sacct came to; a site without accounting has no database, and maybe no sacct. */
export function accountingAnswer(result: CommandResult): AccountingAnswer<string> {
  if (result.kind === 'cut') return { kind: 'down', words: result.words };
  if (result.kind === 'unstarted') return { kind: 'absent' };
  if (result.code === 0) return { kind: 'answered', value: result.stdout };
  if (NO_ACCOUNTING.test(result.stderr)) return { kind: 'absent' };
  return { kind: 'down', words: wordsOf(result.stderr) || `sacct exited with ${result.code}` };
}

/**
 * The arguments of sacct for a search among a user's jobs since a time. The comment is there only where the site
 * stores it, the line of submission only from Slurm 21.08 on; `withLine` is false for those before.
 */
export function accountingSearchArgs(uid: number, since: Date, withLine: boolean): string[] {
  const format = withLine ? 'JobID,Comment,SubmitLine' : 'JobID,Comment';
  return [
    '--noheader',
    '--parsable2',
    '--allocations',
    `--uid=${uid}`,
    `--starttime=${localTime(since)}`,
    '--endtime=now',
    `--format=${format}`,
  ];
}

/** Whether sacct does not know the line of submission: it is older than 21.08. */
export function knowsNoSubmitLine(result: CommandResult): boolean {
  return result.kind === 'exited' && result.code !== 0 && /invalid field.*submitline/i.test(result.stderr);
}

/** Finds submissions in the answer to a search, by their comment or by the name of their script. */
export function findInAccounting(stdout: string, sought: readonly Sought[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of stdout.split('\n')) {
    const [job, ...rest] = line.split('|');
    const base = parseQueuedIds(job!)?.base;
    if (base === undefined) continue;
    const text = rest.join('|');
    for (const { id, members } of sought) {
      if (!found.has(id) && text.includes(id)) found.set(id, memberIds(base, members.length));
    }
  }
  return found;
}

/** `2026-11-22T04:50:51` in this machine's time zone, which is what sacct reads. */
function localTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
