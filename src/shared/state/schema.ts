import Database from 'better-sqlite3';
import { migration0001 } from './migrations/0001-study.ts';
import { migration0002 } from './migrations/0002-retry.ts';

/** In order; the position, counted from 1, is the schema version that a migration leads to. */
const MIGRATIONS: readonly string[] = [migration0001, migration0002];

/** The schema that this program makes and knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings a store of this schema version, 0 for an empty one, to the schema of this program. */
export function migrate(store: Database.Database, version: number): void {
  MIGRATIONS.slice(version).forEach((sql, index) => {
    store.transaction(() => {
      store.exec(sql);
      store.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

/**
 * The name of something that a migrated store defines in other words than the migrations do, undefined where there
 * is none. SQLite believes what its schema says: one letter of it that has changed is a column of another name, or
 * a constraint that holds no more, in a file whose pages are all sound.
 */
export function differingDefinition(store: Database.Database): string | undefined {
  const ours = definitionsOf(store);
  const sound = new Database(':memory:');
  try {
    migrate(sound, 0);
    const theirs = definitionsOf(sound);
    const names = new Set([...ours.keys(), ...theirs.keys()]);
    return [...names].find((name) => ours.get(name) !== theirs.get(name));
  } finally {
    sound.close();
  }
}

/** What a store defines, by its kind and name. */
function definitionsOf(store: Database.Database): ReadonlyMap<string, string> {
  const rows = store
    .prepare(`SELECT type || ' ' || name, tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema`)
    .raw()
    .all() as [string, string][];
  return new Map(rows);
}
