import type { Store } from '../store.ts';
import type { Shape } from './encode.ts';
import { TABLE_NAMES, type TableName } from './tables.ts';

/** What changes with the specification alone: a copy tells it once, with the whole table. */
const CONSTANT: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  study: [
    'token',
    'name',
    'version',
    'created_at',
    'plan',
    'template',
    'combination',
    'parents',
    'parents_start',
    'source',
    'edition',
  ],
  step: ['name', 'workspace', 'removed'],
};

/** The shapes of whole tables, and (as `<table>+`) of what may change in them, by their names. */
export function shapesOf(store: Store): ReadonlyMap<string, Shape> {
  const columnsOf = store.prepare('SELECT name FROM pragma_table_info(?)').pluck();
  const shapes = TABLE_NAMES.flatMap((table): Shape[] => {
    const columns = columnsOf.all(table) as string[];
    const constant = CONSTANT[table];
    const whole = { name: table, table, columns };
    if (constant === undefined) return [whole];
    const changing = columns.filter((column) => !constant.includes(column));
    return [whole, { name: `${table}+`, table, columns: changing }];
  });
  return new Map(shapes.map((shape) => [shape.name, shape]));
}

/** A query for the columns of a shape. */
export function selectOf({ table, columns }: Shape, rest = ''): string {
  return `SELECT ${columns.map((column) => `"${column}"`).join(', ')} FROM ${table} ${rest}`;
}
