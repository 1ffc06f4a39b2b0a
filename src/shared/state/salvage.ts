import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import {
  emptyTables,
  keyOf,
  type Row,
  TABLE_KEYS,
  TABLE_NAMES,
  type TableName,
  type Tables,
} from './copy/tables.ts';

/**
 * Reads whatever rows of a damaged store can be read, from the beginning of each table and from its end until
 * something stands in the way. Nothing vouches for what is in them.
 */
export function salvage(file: string): Tables {
  const tables = emptyTables();
  const store = openAnyhow(file);
  if (store === undefined) return tables;
  try {
    for (const table of TABLE_NAMES) {
      for (const direction of ['ASC', 'DESC'] as const) readUntilBroken(store, table, direction, tables);
    }
  } finally {
    store.close();
  }
  return tables;
}

function openAnyhow(file: string): Database.Database | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return new Database(file, { readonly: true, fileMustExist: true });
  } catch {
    return undefined;
  }
}

function readUntilBroken(
  store: Database.Database,
  table: TableName,
  direction: 'ASC' | 'DESC',
  tables: Tables,
): void {
  const order = TABLE_KEYS[table].map((column) => `${column} ${direction}`).join(', ');
  try {
    const rows = store.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).iterate() as Iterable<Row>;
    for (const row of rows) {
      const key = keyOf(table, row);
      if (tables[table].has(key)) return;
      tables[table].set(key, row);
    }
  } catch {
    // Here the readable part ends; what was read of it is kept.
  }
}
