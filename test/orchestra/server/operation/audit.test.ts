import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { audit } from '../../../../src/orchestra/server/operation/audit.ts';
import { type ClusterStore, openClusterStore } from '../../../../src/orchestra/server/state/store.ts';
import { systemClock } from '../../../../src/shared/clock.ts';

describe('the audit log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-audit-'));
  let store: ClusterStore;
  before(() => {
    store = openClusterStore(directory, { mayMake: true });
  });
  after(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });

  const clock = { ...systemClock, now: () => 1_700_000_000_000 };
  const deed = {
    actor: 'ada',
    action: 'dataset.delete',
    subject: 'user.ada.x',
    outcome: 'done',
    address: '127.0.0.1',
    request: 'r1',
  };

  it('keeps what was done with the time', () => {
    audit({ store, clock }, deed);
    assert.deepEqual(store.prepare('SELECT * FROM audit').all(), [{ id: 1, at: 1_700_000_000_000, ...deed }]);
  });

  it('goes with the transaction it stands in', () => {
    const fails = store.transaction(() => {
      audit({ store, clock }, { ...deed, subject: 'user.ada.y' });
      throw new Error('not done');
    });
    assert.throws(fails, /not done/);
    assert.equal(store.prepare("SELECT count(*) FROM audit WHERE subject = 'user.ada.y'").pluck().get(), 0);
  });
});
