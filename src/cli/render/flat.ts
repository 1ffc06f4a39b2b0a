import type { StatusRow } from '../../shared/state/queries.ts';
import { durationsOf, STATUS_COLUMNS, statusCells } from '../../shared/state/status-csv.ts';
import { momentText, spanText } from './duration.ts';
import { type Column, naturalWidth, tableLines } from './table.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

/** How a table of steps is to look. */
export interface StepsOptions {
  /** Columns of the terminal; undefined where there is none: then nothing wraps. */
  readonly width: number | undefined;
  readonly theme: Theme;
  /** Short forms even where the long ones fit: a picture that is drawn again must not change its look. */
  readonly isShort?: boolean;
  /** Until when the durations of what still runs are counted. */
  readonly now: number;
}

const COLUMNS: readonly Column[] = STATUS_COLUMNS.slice(0, -1).map((header) => ({
  header,
  align: header === 'Number Restarts' ? 'right' : 'left',
}));

/** Short headers for short cells: what they mean stands in the long form and in the reference. */
const COMPACT_COLUMNS: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'Job', align: 'right' },
  { header: 'Workspace', isElastic: true },
  { header: 'State' },
  { header: 'Run', align: 'right' },
  { header: 'Elapsed', align: 'right' },
  { header: 'Start' },
  { header: 'Submit' },
  { header: 'End' },
  { header: '↻', align: 'right' },
];

const STATE_COLUMN = 3;

/**
 * The flat layout: a row a step with every column but its parameters, in the forms of status.csv. Where that is
 * wider than the terminal, times and durations are shortened first, then cells wrap.
 */
export function* flatLines(rows: readonly StatusRow[], options: StepsOptions): Generator<string> {
  const { width, theme, now, isShort = false } = options;
  const full = isShort ? undefined : fittingCells(rows, width, now);
  const columns = full === undefined ? COMPACT_COLUMNS : COLUMNS;
  const cells = full ?? rows.map((row) => compactCells(row, now));
  yield* tableLines(columns, cells, { width, theme, paint: statePainter(rows, theme) });
}

/** The cells in the forms of status.csv; undefined where they are wider than the terminal. */
function fittingCells(
  rows: readonly StatusRow[],
  width: number | undefined,
  now: number,
): readonly (readonly string[])[] | undefined {
  const cells = rows.map((row) => statusCells(row, '', now).slice(0, -1).map(printable));
  return width === undefined || naturalWidth(COLUMNS, cells) <= width ? cells : undefined;
}

/** The legacy layout: as flat, but never wrapped and never shortened, for eyes and scripts used to it. */
export function* legacyLines(rows: readonly StatusRow[], options: StepsOptions): Generator<string> {
  yield* flatLines(rows, { ...options, width: undefined });
}

function statePainter(
  rows: readonly StatusRow[],
  theme: Theme,
): (text: string, row: number, column: number) => string {
  return (text, row, column) => (column === STATE_COLUMN ? theme.state(rows[row]!.state, text) : text);
}

function compactCells(row: StatusRow, now: number): string[] {
  const { run, elapsed } = durationsOf(row, now);
  const span = (ms: number | undefined) => (ms === undefined ? '–' : spanText(ms));
  const moment = (time: number | null) => (time === null ? '–' : momentText(time, now));
  return [
    printable(row.name),
    row.job ?? '–',
    printable(row.workspace),
    row.state,
    span(run),
    span(elapsed),
    moment(row.startedAt),
    moment(row.submittedAt),
    moment(row.endedAt),
    String(row.restarts),
  ];
}
