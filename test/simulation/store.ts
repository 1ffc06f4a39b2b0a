import Database from 'better-sqlite3';
import { createStore, type Store } from '../../src/shared/state/store.ts';
import { recordStudy } from '../../src/shared/state/study-record.ts';
import type { Limits } from '../../src/shared/state/transition.ts';
import type { Expansion, Study } from '../../src/shared/study/study.ts';
import type { Conductor } from './conductor.ts';
import type { DiskCode } from './scenario.ts';

/** All studies of the simulation have it: a token that is drawn would make two runs of a seed differ. */
export const STUDY_TOKEN = 'cafecafecafe';

let empty: Buffer | undefined;

/** A store in memory that holds a new study. */
export function newStore(study: Study, expansion: Expansion, limits: Limits, now: number): Store {
  empty ??= emptyStore();
  const store = new Database(empty);
  const source = { specification: 'study.yaml', clones: [] };
  recordStudy(store, study, expansion, limits, { now, version: '0.0.0', state: 'INITIALIZED', source });
  store.prepare('UPDATE study SET token = ?').run(STUDY_TOKEN);
  return store;
}

function emptyStore(): Buffer {
  const store = createStore(':memory:');
  const bytes = store.serialize();
  store.close();
  return bytes;
}

const CODES: Record<DiskCode, string> = {
  ENOSPC: 'SQLITE_FULL',
  EIO: 'SQLITE_IOERR_WRITE',
  EROFS: 'SQLITE_READONLY',
};

function storeError(code: DiskCode): Error {
  return Object.assign(new Error(`the disk says ${code}`), { code: CODES[code] });
}

/** The store as a conductor's process has it: each transaction is one effect, which may fail or be its last. */
export function storeFor(conductor: Conductor): Store {
  const { simulation } = conductor;
  const { store } = simulation;
  let isInTransaction = false;
  const commit = <Value>(act: () => Value): Value =>
    conductor.effect(
      'write to the store',
      () => {
        const value = act();
        // What meant another conductor's row has changed nothing.
        if ((value as { changes?: number } | undefined)?.changes !== 0) simulation.committed(conductor);
        return value;
      },
      { disk: 'store', refusal: storeError },
    );
  const port = {
    prepare: (sql: string) => {
      const statement = simulation.statement(sql);
      if (!sql.trimStart().startsWith('SELECT')) {
        return {
          run: (...values: unknown[]) =>
            isInTransaction ? statement.run(...values) : commit(() => statement.run(...values)),
        };
      }
      const look = <Value>(act: () => Value): Value =>
        isInTransaction
          ? act()
          : conductor.effect('read the store', act, { disk: 'store', refusal: storeError, isRead: true });
      const readable = {
        get: (...values: unknown[]) => look(() => statement.get(...values)),
        all: (...values: unknown[]) => look(() => statement.all(...values)),
        iterate: (...values: unknown[]) => look(() => statement.all(...values)).values(),
        raw: () => {
          statement.raw();
          return readable;
        },
        pluck: () => {
          statement.pluck();
          return readable;
        },
      };
      return readable;
    },
    transaction: (body: (...values: unknown[]) => unknown) => {
      const real = store.transaction(body);
      const run = (...values: unknown[]): unknown =>
        commit(() => {
          isInTransaction = true;
          try {
            return real.immediate(...values);
          } finally {
            isInTransaction = false;
          }
        });
      return Object.assign(run, { immediate: run });
    },
  };
  return port as unknown as Store;
}
