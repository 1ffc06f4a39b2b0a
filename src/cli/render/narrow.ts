import { STATUS_COLUMNS, statusCells } from '../../shared/state/status-csv.ts';
import type { StepRow } from '../../shared/status/snapshot.ts';
import type { StepsOptions } from './flat.ts';
import { padTo, printable, wrapTo } from './width.ts';

/** Labels of a block: name and state stand in its first line, parameters have lines of their own. */
const DETAILS: readonly { readonly label: string; readonly cell: number }[] = STATUS_COLUMNS.map(
  (label, cell) => ({ label, cell }),
).filter(({ label }) => !['Step Name', 'State', 'Params'].includes(label));

const INDENT = '  ';
const LABEL_WIDTH = Math.max(...DETAILS.map(({ label }) => label.length)) + 2;

/** The narrow layout: one block a step, with its parameters, for terminals that are no wider than a hand. */
export function* narrowLines(rows: readonly StepRow[], options: StepsOptions): Generator<string> {
  for (const [index, row] of rows.entries()) {
    if (index > 0) yield '';
    yield* blockLines(row, options);
  }
}

function* blockLines(row: StepRow, { width, theme, now }: StepsOptions): Generator<string> {
  yield `${theme.state(row.state, row.state)}  ${theme.strong(printable(row.name))}`;
  const cells = statusCells(row, '', now);
  const room = Math.max(8, (width ?? Number.POSITIVE_INFINITY) - INDENT.length - LABEL_WIDTH);
  const line = (label: string, text: string, labelWidth: number) =>
    wrapTo(printable(text), room).map(
      (part, index) => INDENT + theme.faint(padTo(index === 0 ? label : '', labelWidth)) + part,
    );
  for (const { label, cell } of DETAILS) yield* line(label, cells[cell]!, LABEL_WIDTH);
  for (const [key, value] of row.params) yield* line(key, value, Math.max(LABEL_WIDTH, key.length + 2));
}
