import { stringify } from 'csv-stringify/sync';
import type { Expansion } from '../study/study.ts';
import type { StatusRow } from './queries.ts';
import type { StepState } from './states.ts';

/** The header of status.csv, the one that users' scripts read. */
export const STATUS_COLUMNS = [
  'Step Name',
  'Job ID',
  'Workspace',
  'State',
  'Run Time',
  'Elapsed Time',
  'Start Time',
  'Submit Time',
  'End Time',
  'Number Restarts',
  'Params',
] as const;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0d:00h:00m:01s`, or `--:--:--` for what has not begun. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return '--:--:--';
  const span = Math.max(0, ms);
  const part = (unit: number, modulus: number): string => pad(Math.floor(span / unit) % modulus);
  return `${Math.floor(span / DAY)}d:${part(HOUR, 24)}h:${part(MINUTE, 60)}m:${part(SECOND, 60)}s`;
}

/** Local time as `2026-11-22 04:45:52`, or `--`. */
export function formatTime(time: number | null | undefined): string {
  if (time === null || time === undefined) return '--';
  const date = new Date(time);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** How long a step's newest attempt has run, and how long since its submission; until `now` if it goes on. */
export function durationsOf(row: StatusRow, now: number): { run?: number; elapsed?: number } {
  const until = row.endedAt ?? now;
  return {
    ...(row.startedAt === null ? {} : { run: until - row.startedAt }),
    ...(row.submittedAt === null ? {} : { elapsed: until - row.submittedAt }),
  };
}

/** A row of status as the texts of its columns. `params` is `A:1;B:x`. */
export function statusCells(row: StatusRow, params: string, now: number): string[] {
  const { run, elapsed } = durationsOf(row, now);
  return [
    row.name,
    row.job ?? '--',
    row.workspace,
    row.state,
    formatDuration(run),
    formatDuration(elapsed),
    formatTime(row.startedAt),
    formatTime(row.submittedAt),
    formatTime(row.endedAt),
    String(row.restarts),
    params,
  ];
}

/** The whole of status.csv: quoted by RFC 4180 where needed, without a newline at its end. */
export function statusCsv(
  rows: Iterable<StatusRow>,
  paramsOf: (step: number) => string,
  now: number,
): string {
  return [...statusPieces(rows, paramsOf, now)].join('');
}

/** The same line by line: a million of them are more than one text can hold. */
export function* statusPieces(
  rows: Iterable<StatusRow>,
  paramsOf: (step: number) => string,
  now: number,
): Generator<string> {
  yield STATUS_COLUMNS.join(',');
  for (const row of rows) yield `\n${csvLine(statusCells(row, paramsOf(row.id), now))}`;
}

/** The rows of a study in which nothing has happened. */
export function* freshRows({ names, workspaces }: Expansion, state: StepState): Generator<StatusRow> {
  const untouched = {
    attempts: 0,
    restarts: 0,
    job: null,
    submittedAt: null,
    startedAt: null,
    endedAt: null,
    notBefore: null,
  };
  for (const [id, name] of names.entries()) {
    yield { id, name, workspace: workspaces[id]!, state, ...untouched };
  }
}

/** Nearly no row needs a quote; those that do are the library's. */
function csvLine(cells: string[]): string {
  const plain = cells.join(',');
  return /["\r\n]/.test(plain) || cells.some((cell) => cell.includes(','))
    ? stringify([cells], { record_delimiter: '' })
    : plain;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
