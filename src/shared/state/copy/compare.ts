import type { Store } from '../store.ts';
import type { DecodedCopy } from './decode.ts';
import { selectOf, shapesOf } from './shapes.ts';
import { type Cell, keyOf, type Row, TABLE_NAMES, type TableName } from './tables.ts';

/** Changes with every sign of life, and is not copied with each. */
const RESTLESS: readonly TableName[] = ['lease'];

/**
 * The first difference between a store and a copy that ends with the same event, as a sentence about the store;
 * undefined where they agree.
 */
export function differenceOf(store: Store, { tables }: DecodedCopy): string | undefined {
  const shapes = shapesOf(store);
  for (const table of TABLE_NAMES.filter((name) => !RESTLESS.includes(name))) {
    const copied = tables[table];
    let count = 0;
    for (const row of store.prepare(selectOf(shapes.get(table)!)).iterate() as Iterable<Row>) {
      count++;
      const column = differingColumn(row, copied.get(keyOf(table, row)));
      if (column !== undefined) return `${table} ${keyOf(table, row)} is not what its copy says (${column})`;
    }
    if (count !== copied.size) return `${copied.size - count} rows of the table ${table} are missing`;
  }
  return undefined;
}

function differingColumn(row: Row, copied: Row | undefined): string | undefined {
  if (copied === undefined) return 'it is not there';
  return Object.keys(row).find((column) => !isSame(row[column]!, copied[column]));
}

function isSame(ours: Cell, theirs: Cell | undefined): boolean {
  if (!(ours instanceof Uint8Array)) return ours === theirs;
  return theirs instanceof Uint8Array && Buffer.compare(ours, theirs) === 0;
}
