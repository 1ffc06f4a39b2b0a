import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepState } from '../../src/shared/state/states.ts';
import { createStore, STATE_DIRECTORY, type Store, storeFile } from '../../src/shared/state/store.ts';
import { recordStudy } from '../../src/shared/state/study-record.ts';
import { type FakeTemplate, fakeStudy } from './graphs.ts';

/** A study directory of made-up templates, with nothing but its store, in a directory of its own. */
export function fakeStudyDirectory(
  templates: readonly FakeTemplate[],
  state: StepState = 'INITIALIZED',
): { directory: string; store: Store; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-store-'));
  mkdirSync(join(directory, STATE_DIRECTORY));
  const store = createStore(storeFile(directory));
  const { study, expansion } = fakeStudy(templates);
  const limits = { attempts: 2, rlimit: 1, throttle: 0, sleeptime: 60 };
  const source = { specification: 'study.yaml', clones: [] };
  recordStudy(store, { ...study, directory }, expansion, limits, {
    now: 1000,
    version: '0.0.0',
    state,
    source,
  });
  const remove = (): void => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, store, remove };
}

/** Gives the store a lease with epoch 1 that belongs to nobody in particular. */
export function leaseForTest(store: Store, epoch = 1): void {
  store
    .prepare(
      `INSERT OR REPLACE INTO lease
         (id, epoch, host, boot, pid, start_ticks, user, acquired_at, heartbeat, released_at)
       VALUES (1, ?, 'elsewhere', 'boot', 1, '1', 'ada', 1000, 1000, NULL)`,
    )
    .run(epoch);
}
