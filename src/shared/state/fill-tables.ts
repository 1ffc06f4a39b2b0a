import { TABLE_NAMES, type TableName, type Tables } from './copy/tables.ts';
import type { Store } from './store.ts';

/**
 * Fills an empty store with rows, each table after those that it refers to. A column that the store does not know,
 * because another version wrote it, is left out. Answers how many rows the store would not take.
 */
export function fillTables(store: Store, tables: Tables): number {
  let refused = 0;
  store.transaction(() => {
    for (const table of TABLE_NAMES) refused += fillTable(store, table, tables);
  })();
  return refused;
}

function fillTable(store: Store, table: TableName, tables: Tables): number {
  const known = store.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
  const statements = new Map<string, ReturnType<Store['prepare']>>();
  let refused = 0;
  for (const row of tables[table].values()) {
    const columns = known.filter((column) => row[column] !== undefined);
    const names = columns.map((column) => `"${column}"`).join(', ');
    const marks = columns.map(() => '?').join(', ');
    const sql = `INSERT INTO ${table} (${names}) VALUES (${marks})`;
    const statement = statements.get(sql) ?? store.prepare(sql);
    statements.set(sql, statement);
    try {
      statement.run(...columns.map((column) => row[column]));
    } catch (error) {
      if (!String((error as { readonly code?: unknown }).code).startsWith('SQLITE_CONSTRAINT')) throw error;
      refused++;
    }
  }
  return refused;
}
