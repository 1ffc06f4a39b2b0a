import { createHash, type Hash } from 'node:crypto';
import { type CopyHeader, digits, FORMAT, MAGIC, type Shape } from './encode.ts';
import {
  type Cell,
  emptyTables,
  putRow,
  type Row,
  TABLE_KEYS,
  type TableName,
  type Tables,
} from './tables.ts';

/** What a copy tells, as far as it can be believed. */
export interface DecodedCopy {
  /** Undefined where its first line is none. */
  readonly header: CopyHeader | undefined;
  readonly tables: Tables;
  /** The number of the newest event that it holds; 0 for none. */
  readonly until: number;
  /** What is missing from its middle or damaged, a sentence each. What was cut off its end is no damage. */
  readonly problems: readonly string[];
}

/** Reads the lines of a copy: batches that are whole, in their order. */
export function decodeCopy(lines: Iterable<string>): DecodedCopy {
  const decoder = new Decoder();
  for (const line of lines) decoder.take(line);
  return decoder.finish();
}

interface Batch {
  readonly after: number;
  readonly checksum: Hash;
  readonly shapes: Map<string, Shape>;
  readonly rows: (readonly [TableName, Row])[];
  /** Where it begins. */
  readonly line: number;
  isTorn: boolean;
}

class Decoder {
  private readonly tables = emptyTables();
  private shapes: ReadonlyMap<string, Shape> = new Map();
  private readonly problems: string[] = [];
  private header: CopyHeader | undefined;
  private batch: Batch | undefined;
  private until = 0;
  private lines = 0;

  take(text: string): void {
    this.lines++;
    const fields = parseLine(text);
    if (fields === undefined) {
      if (this.batch !== undefined) this.batch.isTorn = true;
      return;
    }
    const [kind] = fields;
    if (kind === 'begin') this.begin(fields);
    if (kind === 'end') this.end(fields);
    else if (this.batch !== undefined) this.gather(text, fields, this.batch);
    else if (kind === MAGIC) this.header = headerOf(fields) ?? this.header;
  }

  finish(): DecodedCopy {
    if (this.header === undefined) this.problems.unshift('its first line is missing or damaged');
    return { header: this.header, tables: this.tables, until: this.until, problems: this.problems };
  }

  /** A batch that was begun and not ended was cut short, and has been written again. */
  private begin([, after]: readonly unknown[]): void {
    const checksum = createHash('sha256');
    const shapes = new Map(this.shapes);
    this.batch = { after: Number(after), checksum, shapes, rows: [], line: this.lines, isTorn: false };
  }

  private gather(text: string, fields: readonly unknown[], batch: Batch): void {
    batch.checksum.update(`${text}\n`);
    const [kind, ...cells] = fields;
    if (kind === 'begin') return;
    if (kind === 'shape') {
      const shape = shapeOf(fields);
      if (shape !== undefined) batch.shapes.set(shape.name, shape);
      return;
    }
    const shape = batch.shapes.get(String(kind));
    if (shape === undefined || shape.columns.length !== cells.length) batch.isTorn = true;
    else batch.rows.push([shape.table, rowOf(shape, cells)]);
  }

  private end([, until, checksum]: readonly unknown[]): void {
    const { batch } = this;
    this.batch = undefined;
    if (batch === undefined || batch.isTorn || digits(batch.checksum, Number(until)) !== checksum) {
      this.problems.push(`what it says from line ${batch?.line ?? this.lines} to ${this.lines} is damaged`);
      return;
    }
    if (batch.after > this.until) {
      this.problems.push(`events ${this.until + 1} to ${batch.after} are missing before line ${batch.line}`);
    }
    this.shapes = batch.shapes;
    for (const [table, row] of batch.rows) putRow(this.tables, table, row);
    this.until = Number(until);
  }
}

/** Undefined for a line that is no array. */
function parseLine(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function headerOf([, format, token, edition, fingerprint]: readonly unknown[]): CopyHeader | undefined {
  if (format !== FORMAT || typeof token !== 'string' || typeof fingerprint !== 'string') return undefined;
  return Number.isSafeInteger(edition) ? { token, edition: edition as number, fingerprint } : undefined;
}

function shapeOf([, name, table, ...columns]: readonly unknown[]): Shape | undefined {
  if (!isTable(table) || !columns.every((column) => typeof column === 'string')) return undefined;
  return { name: String(name), table, columns: columns as string[] };
}

function isTable(name: unknown): name is TableName {
  return typeof name === 'string' && Object.hasOwn(TABLE_KEYS, name);
}

function rowOf({ columns }: Shape, cells: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, decodeCell(cells[index])]));
}

function decodeCell(value: unknown): Cell {
  if (typeof value !== 'object' || value === null) return value as Cell;
  return Buffer.from(String((value as { readonly base64?: unknown }).base64), 'base64');
}
