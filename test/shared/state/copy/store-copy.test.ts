import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { copyFile, readCopy } from '../../../../src/shared/state/copy/copy-file.ts';
import { openCopy } from '../../../../src/shared/state/copy/store-copy.ts';
import { TABLE_NAMES } from '../../../../src/shared/state/copy/tables.ts';
import { type Journal, openJournal } from '../../../../src/shared/state/journal.ts';
import type { StepState } from '../../../../src/shared/state/states.ts';
import type { Store } from '../../../../src/shared/state/store.ts';
import { readStudy } from '../../../../src/shared/state/study-record.ts';
import { fakeStudyDirectory, leaseForTest } from '../../../fakes/stores.ts';

interface Scene {
  readonly directory: string;
  readonly store: Store;
  readonly journal: Journal;
  /** Moves a step, and notes it in the copy. */
  move(step: number, from: StepState, to: StepState): void;
  follow(): void;
}

function scene(t: TestContext): Scene {
  const { directory, store, remove } = fakeStudyDirectory([{ steps: 3 }]);
  t.after(remove);
  leaseForTest(store);
  const journal = openJournal(store, 1);
  const copy = openCopy(directory, store, readStudy(store));
  copy.bringUpToDate();
  return {
    directory,
    store,
    journal,
    move(step, from, to) {
      const turn = { transitions: [{ step, from, to, at: 2000, why: 'a test' }], notes: [] };
      journal.record(turn, 2000);
      copy.note(turn);
    },
    follow: () => copy.bringUpToDate(),
  };
}

/** Every row of every table of the store is in the copy, and nothing else is. */
function assertSame({ directory, store }: Scene): void {
  const copy = readCopy(directory)!;
  assert.deepEqual(copy.problems, []);
  for (const table of TABLE_NAMES) {
    assert.deepEqual([...copy.tables[table].values()], store.prepare(`SELECT * FROM ${table}`).all(), table);
  }
}

describe('the copy of a store', () => {
  it('knows every table that the store has', (t) => {
    const { store } = scene(t);
    const tables = store.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
    assert.deepEqual([...tables].sort(), [...TABLE_NAMES].sort());
  });

  it('holds what the store holds, from its beginning and after every turn', (t) => {
    const study = scene(t);
    assertSame(study);
    study.move(1, 'INITIALIZED', 'FAILED');
    study.move(2, 'INITIALIZED', 'CANCELLED');
    study.follow();
    assertSame(study);
    study.move(1, 'FAILED', 'INITIALIZED');
    study.follow();
    assertSame(study);
  });

  it('grows by what has changed, and not at all where nothing has', (t) => {
    const study = scene(t);
    const before = readFileSync(copyFile(study.directory), 'utf8');
    study.follow();
    assert.equal(readFileSync(copyFile(study.directory), 'utf8'), before);
    study.move(1, 'INITIALIZED', 'FAILED');
    study.follow();
    const added = readFileSync(copyFile(study.directory), 'utf8').slice(before.length);
    assert.match(added, /\["step\+",1,"FAILED"/);
    assert.doesNotMatch(added, /\["step\+?",[02],/);
  });

  it('is brought up to date by the next conductor where the last one died before', (t) => {
    const study = scene(t);
    study.move(0, 'INITIALIZED', 'FAILED');
    study.journal.record({ transitions: [], notes: [], doomed: [2] }, 2000);
    openCopy(study.directory, study.store, readStudy(study.store)).bringUpToDate();
    assertSame(study);
  });

  it('goes on after a line that was cut short', (t) => {
    const study = scene(t);
    appendFileSync(copyFile(study.directory), '["begin",0]\n["step+",1,"FAI');
    study.move(1, 'INITIALIZED', 'FAILED');
    study.follow();
    assertSame(study);
  });

  for (const [what, harm] of [
    ['gone', (file: string) => rmSync(file)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['cut short in its first line', (file: string) => truncateSync(file, 9)],
  ] as const) {
    it(`is written anew where it is ${what}`, (t) => {
      const study = scene(t);
      study.move(1, 'INITIALIZED', 'FAILED');
      harm(copyFile(study.directory));
      openCopy(study.directory, study.store, readStudy(study.store)).bringUpToDate();
      assertSame(study);
    });
  }

  it('is written anew where it is another study’s', (t) => {
    const study = scene(t);
    study.store.prepare(`UPDATE study SET token = 'ffffffffffff'`).run();
    openCopy(study.directory, study.store, readStudy(study.store)).bringUpToDate();
    assertSame(study);
  });
});
