/** What SQLite keeps in a column. */
export type Cell = string | number | null | Uint8Array;

/** A row of a table, or some of its columns. */
export type Row = Readonly<Record<string, Cell>>;

/** The tables of a study's store with the columns of their keys, each after those that it refers to. */
export const TABLE_KEYS = {
  study: ['id'],
  limits: ['id'],
  lease: ['id'],
  request: ['name'],
  step: ['id'],
  attempt: ['step', 'number'],
  event: ['id'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A table of a study's store. */
export type TableName = keyof typeof TABLE_KEYS;

/** All tables, each after those that it refers to. */
export const TABLE_NAMES = Object.keys(TABLE_KEYS) as TableName[];

/** Rows by their keys. */
export type Table = Map<string, Row>;

/** What a store holds, as plain data. */
export type Tables = Readonly<Record<TableName, Table>>;

/** Tables without rows. */
export function emptyTables(): Tables {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, new Map<string, Row>()])) as Tables;
}

/** The key of a row among its table's, as text. */
export function keyOf(table: TableName, row: Row): string {
  const columns: readonly string[] = TABLE_KEYS[table];
  return columns.map((column) => String(row[column])).join('.');
}

/** Puts a row, or some columns of one, over what its table has under its key. */
export function putRow(tables: Tables, table: TableName, row: Row): void {
  const key = keyOf(table, row);
  const known = tables[table].get(key);
  tables[table].set(key, known === undefined ? row : { ...known, ...row });
}
