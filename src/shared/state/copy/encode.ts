import { createHash, type Hash } from 'node:crypto';
import type { Cell, TableName } from './tables.ts';

/** The first word of a copy's first line, and the version of its format. */
export const MAGIC = 'maestro copy';
export const FORMAT = 1;

/** Hexadecimal digits of a batch's checksum: against torn and rotten bytes, not against people. */
const CHECKSUM_DIGITS = 16;

/** Some columns of a table, under a name by which lines refer to them. */
export interface Shape {
  readonly name: string;
  readonly table: TableName;
  readonly columns: readonly string[];
}

/** Whose copy it is, and the fingerprint of the plan that the steps' rows belong to. */
export interface CopyHeader {
  readonly token: string;
  /** Of the plan: a study that gets another specification gets another copy. */
  readonly edition: number;
  readonly fingerprint: string;
}

/** The first line of a copy. */
export function headerLine({ token, edition, fingerprint }: CopyHeader): string {
  return line([MAGIC, FORMAT, token, edition, fingerprint]);
}

/** Says which columns the rows of a shape have. */
export function shapeLine({ name, table, columns }: Shape): string {
  return line(['shape', name, table, ...columns]);
}

/** One row. */
export function rowLine(shape: string, cells: readonly Cell[]): string {
  return line([shape, ...cells.map(encodeCell)]);
}

/**
 * The lines of a batch: everything that has changed between two events of the log, to be believed as a whole or
 * not at all. The shapes of its rows are said in it or in one before.
 */
export function* batchLines(
  range: { readonly after: number; readonly until: number },
  rows: Iterable<string>,
): Generator<string> {
  const checksum = createHash('sha256');
  for (const text of concat([line(['begin', range.after])], rows)) {
    checksum.update(text);
    yield text;
  }
  yield line(['end', range.until, digits(checksum, range.until)]);
}

/** The checksum that ends a batch: of its lines before, each with its newline, and of where it ends. */
export function digits(checksum: Hash, until: number): string {
  return checksum.update(String(until)).digest('hex').slice(0, CHECKSUM_DIGITS);
}

/** One after the other. */
export function* concat<Item>(...parts: readonly Iterable<Item>[]): Generator<Item> {
  for (const part of parts) yield* part;
}

function line(fields: readonly unknown[]): string {
  return `${JSON.stringify(fields)}\n`;
}

function encodeCell(cell: Cell): unknown {
  return cell instanceof Uint8Array ? { base64: Buffer.from(cell).toString('base64') } : cell;
}
