import type { Theme } from './theme.ts';
import { padTo, widthOf, wrapTo } from './width.ts';

/** A column: its header, and what becomes of its cells. */
export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** Its cells are the first to wrap where room is scarce: names, and not numbers or times. */
  readonly isElastic?: boolean;
}

/** How a table is to look. */
export interface TableOptions {
  /** Columns of the terminal; cells wrap so that no line is longer. Absent: as wide as it needs. */
  readonly width?: number | undefined;
  readonly theme: Theme;
  /** Marks a line of a cell, given padded, by the row and column that it belongs to. */
  readonly paint?: (text: string, row: number, column: number) => string;
}

const GAP = '  ';

/** A table as lines: headers, a rule, the rows; columns parted by two spaces, one where room is scarce. */
export function* tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): Generator<string> {
  const { theme, paint = (text) => text } = options;
  const natural = naturalWidths(columns, rows);
  const { widths, gap } = fit(columns, natural, options.width);
  const layOut = (cells: readonly string[], mark: (text: string, column: number) => string) =>
    widths === natural || fits(cells, widths)
      ? [joinCells(columns, cells, widths, gap, mark)]
      : wrappedLines(columns, cells, widths, gap, mark);
  yield* layOut(
    columns.map((column) => column.header),
    (text) => theme.strong(text),
  );
  yield theme.faint(widths.map((width) => '─'.repeat(width)).join(gap));
  for (const [index, cells] of rows.entries()) {
    yield* layOut(cells, (text, column) => paint(text, index, column));
  }
}

/** How wide a table is when no cell wraps. */
export function naturalWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  return totalOf(naturalWidths(columns, rows), GAP);
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const widths = columns.map((column) => widthOf(column.header));
  for (const cells of rows) {
    for (let column = 0; column < widths.length; column++) {
      const width = widthOf(cells[column]!);
      if (width > widths[column]!) widths[column] = width;
    }
  }
  return widths;
}

/** Elastic columns are not made narrower than this before the others have to give way too. */
const MIN_ELASTIC_WIDTH = 8;

/** The widths with which the table fits, and what parts the columns. */
function fit(
  columns: readonly Column[],
  natural: readonly number[],
  width: number | undefined,
): { widths: readonly number[]; gap: string } {
  if (width === undefined || totalOf(natural, GAP) <= width) return { widths: natural, gap: GAP };
  const gap = ' ';
  const room = width - gap.length * (columns.length - 1);
  const isElastic = (column: number) => columns[column]!.isElastic === true;
  const elastic = cap(natural, isElastic, room, MIN_ELASTIC_WIDTH);
  return { widths: sum(elastic) <= room ? elastic : cap(elastic, () => true, room, 1), gap };
}

/**
 * Caps the widest of some columns at the one width with which all fit into the room; narrower ones stay as they
 * are. Where even the least width is too much, it is what they get.
 */
function cap(
  natural: readonly number[],
  isCapped: (column: number) => boolean,
  room: number,
  least: number,
): number[] {
  const capped = (limit: number) =>
    natural.map((width, column) => (isCapped(column) ? Math.min(width, limit) : width));
  let limit = Math.max(least, ...natural);
  while (limit > least && sum(capped(limit)) > room) limit--;
  return spread(capped(limit), natural, room - sum(capped(limit)));
}

/** Gives the columns that a cap left over to those that it cut, one each from the left. */
function spread(widths: number[], natural: readonly number[], spare: number): number[] {
  let left = spare;
  return widths.map((width, column) => {
    if (left <= 0 || width === natural[column]) return width;
    left--;
    return width + 1;
  });
}

function totalOf(widths: readonly number[], gap: string): number {
  return sum(widths) + gap.length * Math.max(0, widths.length - 1);
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}

function fits(cells: readonly string[], widths: readonly number[]): boolean {
  return cells.every((cell, column) => widthOf(cell) <= widths[column]!);
}

function wrappedLines(
  columns: readonly Column[],
  cells: readonly string[],
  widths: readonly number[],
  gap: string,
  mark: (text: string, column: number) => string,
): string[] {
  const wrapped = cells.map((cell, column) => wrapTo(cell, widths[column]!));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    joinCells(
      columns,
      wrapped.map((lines) => lines[line] ?? ''),
      widths,
      gap,
      mark,
    ),
  );
}

/** The last column is not filled: spaces at the end of a line only make copies of it untidy. */
function joinCells(
  columns: readonly Column[],
  cells: readonly string[],
  widths: readonly number[],
  gap: string,
  mark: (text: string, column: number) => string,
): string {
  const last = cells.length - 1;
  return cells
    .map((cell, column) => {
      const align = columns[column]?.align ?? 'left';
      const isBare = column === last && align === 'left';
      const text = isBare ? cell : padTo(cell, widths[column]!, align);
      return cell === '' ? text : mark(text, column);
    })
    .join(gap)
    .trimEnd();
}
