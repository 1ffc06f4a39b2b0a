import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { foreseeCancel, foreseeRetry } from '../../src/conductor/foresee.ts';
import type { StepState } from '../../src/shared/state/states.ts';
import { createStore, type Store } from '../../src/shared/state/store.ts';
import { readStudy, recordStudy, type StudyRecord } from '../../src/shared/state/study-record.ts';
import { type FakeTemplate, fakeStudy } from '../fakes/graphs.ts';

/** A store of a study whose steps are in these states, in the order of their rows. */
function stored(
  t: TestContext,
  templates: readonly FakeTemplate[],
  states: readonly StepState[],
): { store: Store; record: StudyRecord } {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-foresee-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const store = createStore(join(directory, 'study.db'));
  t.after(() => store.close());
  const { study, expansion } = fakeStudy(templates);
  const limits = { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 };
  const source = { specification: 'study.yaml', clones: [] };
  recordStudy(store, study, expansion, limits, { now: 0, version: '0', state: 'INITIALIZED', source });
  const move = store.prepare('UPDATE step SET state = ?, attempts = 1 WHERE id = ?');
  for (const [step, state] of states.entries()) move.run(state, step);
  return { store, record: readStudy(store) };
}

/** Three steps, one after each, and one after all of those. */
const FAN: readonly FakeTemplate[] = [{ steps: 3 }, { steps: 3, parents: [0] }, { steps: 1, funnels: [1] }];

describe('what is foreseen from the store', () => {
  it('of a retry: the steps with what depends on them, by their names where they are refused', (t) => {
    const states = ['FINISHED', 'FAILED', 'FINISHED', 'FINISHED', 'FAILED', 'FINISHED', 'FAILED'] as const;
    const { store, record } = stored(t, FAN, states);
    assert.deepEqual(foreseeRetry(store, record, [1], true), { steps: [1, 4, 6], refused: [] });
    assert.deepEqual(foreseeRetry(store, record, [6], true), {
      steps: [],
      refused: [{ step: 6, why: 't2_0 needs t1_1, which is FAILED' }],
    });
  });

  it('of a cancel: those that have not settled, and what waits for them', (t) => {
    const states = [
      'FINISHED',
      'RUNNING',
      'FINISHED',
      'RUNNING',
      'INITIALIZED',
      'FINISHED',
      'INITIALIZED',
    ] as const;
    const { store, record } = stored(t, FAN, states);
    assert.deepEqual(foreseeCancel(store, record, [0, 1]), [1, 4, 6]);
    assert.deepEqual(foreseeCancel(store, record, [0, 2]), []);
  });
});
