import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { checkStore } from '../../../src/shared/state/check-store.ts';
import { differingDefinition } from '../../../src/shared/state/schema.ts';
import type { Store } from '../../../src/shared/state/store.ts';
import { fakeStudyDirectory } from '../../fakes/stores.ts';

function study(t: TestContext): { readonly directory: string; readonly store: Store } {
  const { directory, store, remove } = fakeStudyDirectory([{ steps: 2 }]);
  t.after(remove);
  return { directory, store };
}

/** Puts other words where the store defines its tables, as a bit that has changed on the disk would. */
function redefine(store: Store, from: string, to: string): void {
  store.unsafeMode(true);
  store.pragma('writable_schema = ON');
  store.prepare(`UPDATE sqlite_schema SET sql = replace(sql, ?, ?)`).run(from, to);
  store.pragma('writable_schema = RESET');
}

it('a store that was just made is defined as the migrations do', (t) => {
  const { directory, store } = study(t);
  assert.equal(differingDefinition(store), undefined);
  checkStore(store, directory);
});

it('a column whose name has changed by one letter is found out', (t) => {
  const { directory, store } = study(t);
  redefine(store, 'template      BLOB', 'Template      BLOB');
  assert.equal(differingDefinition(store), 'table study');
  assert.throws(() => checkStore(store, directory), /its table study is not defined as it was/);
});

it('a constraint that is gone is found out', (t) => {
  const { store } = study(t);
  redefine(store, 'CHECK (attempts >= 0)', '');
  assert.equal(differingDefinition(store), 'table step');
});
