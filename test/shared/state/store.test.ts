import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { UserError } from '../../../src/shared/errors.ts';
import { isOnLocalDisk } from '../../../src/shared/state/file-system.ts';
import { openStore, STATE_DIRECTORY, storeFile } from '../../../src/shared/state/store.ts';
import { fakeStudyDirectory } from '../../fakes/stores.ts';

function emptyDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, STATE_DIRECTORY));
  return directory;
}

const refusal = (pattern: RegExp) => (error: unknown) =>
  error instanceof UserError && pattern.test(error.line);

describe('openStore', () => {
  it('opens what was created, in a journal mode that suits the disk', (t) => {
    const { directory, remove } = fakeStudyDirectory([{ steps: 1 }]);
    t.after(remove);
    const store = openStore(directory);
    const mode = store.pragma('journal_mode', { simple: true });
    assert.equal(mode, isOnLocalDisk(directory) ? 'wal' : 'truncate');
    assert.equal(store.pragma('synchronous', { simple: true }), 2);
    store.close();
  });

  it('refuses a directory that is no study, and one that is not there', (t) => {
    const directory = emptyDirectory(t);
    assert.throws(
      () => openStore(directory),
      refusal(/study.db is gone; restore it: maestro doctor --rebuild/),
    );
    rmSync(join(directory, STATE_DIRECTORY), { recursive: true });
    assert.throws(() => openStore(directory), refusal(/is not a study directory/));
    assert.throws(() => openStore(join(directory, 'none')), refusal(/does not exist/));
  });

  it('refuses another program’s database', (t) => {
    const directory = emptyDirectory(t);
    const foreign = new Database(storeFile(directory));
    foreign.exec('CREATE TABLE theirs (x)');
    foreign.close();
    assert.throws(() => openStore(directory), refusal(/is not a study's store/));
  });

  it('refuses a file that is no database', (t) => {
    const directory = emptyDirectory(t);
    writeFileSync(
      storeFile(directory),
      'no database at all, but long enough to have a header of its own'.repeat(99),
    );
    assert.throws(() => openStore(directory), refusal(/is damaged/));
  });

  it('refuses a store that a newer version wrote, and says so', (t) => {
    const { directory, store, remove } = fakeStudyDirectory([{ steps: 1 }]);
    t.after(remove);
    store.pragma('user_version = 99');
    assert.throws(() => openStore(directory), refusal(/written by a newer maestro .*99.*; use that version/));
  });
});
