import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type RenewalOptions, recordRenewal } from '../../../src/shared/renew/record-renewal.ts';
import { planRenewal, type Renewal } from '../../../src/shared/renew/renewal.ts';
import { openJournal } from '../../../src/shared/state/journal.ts';
import { readEvents, readNewestEvent, readRows, readSummary } from '../../../src/shared/state/queries.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import type { Store } from '../../../src/shared/state/store.ts';
import { readStudy } from '../../../src/shared/state/study-record.ts';
import { type FakeTemplate, fakeStudy } from '../../fakes/graphs.ts';
import { fakeStudyDirectory, leaseForTest } from '../../fakes/stores.ts';

const FAN: readonly FakeTemplate[] = [{ steps: 2 }, { steps: 2, parents: [0] }, { steps: 1, funnels: [1] }];
const NARROW: readonly FakeTemplate[] = [
  { steps: 1 },
  { steps: 1, parents: [0] },
  { steps: 1, funnels: [1] },
];
const WIDE: readonly FakeTemplate[] = [{ steps: 3 }, { steps: 3, parents: [0] }, { steps: 1, funnels: [1] }];

/** A study that has finished, under a lease with epoch 1, but for steps in these states. */
function finishedStudy(t: TestContext, states: Readonly<Record<string, StepState>> = {}): Store {
  const { store, remove } = fakeStudyDirectory(FAN);
  t.after(remove);
  leaseForTest(store);
  store.exec(
    `UPDATE step SET state = 'FINISHED', attempts = 1, retries = 1, restarts = 1, resubmissions = 1`,
  );
  for (const [name, state] of Object.entries(states))
    store.prepare('UPDATE step SET state = ? WHERE name = ?').run(state, name);
  store.exec(`UPDATE study SET outcome = 'finished', ended_at = 5, cancel_requested_at = 4`);
  return store;
}

/** What a study made of these templates would do to the one in the store. */
function plan(store: Store, templates: readonly FakeTemplate[]): Renewal {
  const { study, expansion } = readStudy(store);
  const states = store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[];
  const after = fakeStudy(templates);
  const { directory } = study;
  return planRenewal(
    { study, expansion, states },
    { ...after, study: { ...after.study, directory } },
    {
      ignoresResources: false,
    },
  );
}

function record(store: Store, renewal: Renewal, options: Partial<RenewalOptions> = {}): void {
  const source = { specification: 'other.yaml', clones: [] };
  const plannedAfter = readNewestEvent(store);
  recordRenewal(store, renewal, { epoch: 1, plannedAfter, source, version: '1.2.3', now: 7000, ...options });
}

function stepsOf(store: Store): Record<string, unknown>[] {
  return store.prepare('SELECT * FROM step ORDER BY id').all() as Record<string, unknown>[];
}

/** Everything that a reader could find in the store. */
function everything(store: Store): unknown {
  return ['study', 'step', 'event', 'limits'].map((table) => store.prepare(`SELECT * FROM ${table}`).all());
}

describe('the record of another specification', () => {
  it('has the new plan, in which the study has not ended', (t) => {
    const store = finishedStudy(t);
    const renewal = plan(store, WIDE);
    record(store, renewal);
    const { study, expansion, source, edition } = readStudy(store);
    assert.deepEqual({ study, expansion }, { study: renewal.study, expansion: renewal.expansion });
    assert.deepEqual(source, { specification: 'other.yaml', clones: [] });
    assert.equal(edition, 2);
    const { outcome, endedAt, cancelRequestedAt, total } = readSummary(store);
    assert.deepEqual([outcome, endedAt, cancelRequestedAt, total], [undefined, undefined, undefined, 7]);
  });

  it('has the steps that run again as at the beginning, with their attempts counted on', (t) => {
    const store = finishedStudy(t, { t1_1: 'FAILED' });
    store.exec(`UPDATE step SET is_doomed = 1 WHERE name = 't1_1'`);
    record(store, plan(store, FAN));
    const counters = {
      attempts: 1,
      retries: 0,
      restarts: 0,
      resubmissions: 0,
      is_doomed: 0,
      removed: null,
      not_before: null,
    };
    for (const [id, name] of [
      [3, 't1_1'],
      [4, 't2_0'],
    ] as const) {
      assert.deepEqual(stepsOf(store)[id], { id, name, workspace: name, state: 'INITIALIZED', ...counters });
    }
    assert.equal(stepsOf(store)[2]!.state, 'FINISHED');
    assert.equal(stepsOf(store)[2]!.retries, 1);
    assert.deepEqual(
      [...readEvents(store, 0)].map(({ at, step, from, to, why }) => [at, step, from, to, why]),
      [
        [
          7000,
          null,
          null,
          null,
          'has another specification by request: 2 steps run again, 0 are new, 0 are removed',
        ],
        [7000, 3, 'FAILED', 'INITIALIZED', 'to be run again: it has not finished'],
        [7000, 4, 'FINISHED', 'INITIALIZED', 'to be run again: it depends on t1_1, which runs'],
      ],
    );
  });

  it('marks what is removed, which counts no more, and lets it come back', (t) => {
    const store = finishedStudy(t, { t0_1: 'INITIALIZED' });
    store.exec(`UPDATE step SET attempts = 0 WHERE name = 't0_1'`);
    record(store, plan(store, NARROW));
    const removed = (template: string, workspace: string) =>
      JSON.stringify({ template, params: [], workspace });
    const rows = stepsOf(store).map(({ name, state, workspace, removed }) => [
      name,
      state,
      workspace,
      removed,
    ]);
    assert.deepEqual(rows, [
      ['t0_0', 'FINISHED', 't0_0', null],
      ['t0_1', 'REMOVED', '_removed/t0_1', removed('t0', 't0_1')],
      ['t1_0', 'FINISHED', 't1_0', null],
      ['t1_1', 'REMOVED', '_removed/t1_1', removed('t1', 't1_1')],
      ['t2_0', 'INITIALIZED', 't2_0', null],
    ]);
    const { total, counts } = readSummary(store);
    assert.equal(total, 3);
    assert.equal(counts.get('REMOVED'), 2);
    record(store, plan(store, WIDE));
    assert.deepEqual(
      [...readRows(store)].map(({ name, state, workspace, attempts }) => [name, state, workspace, attempts]),
      [
        ['t0_0', 'FINISHED', 't0_0', 1],
        ['t0_1', 'INITIALIZED', 't0_1', 0],
        ['t1_0', 'FINISHED', 't1_0', 1],
        ['t1_1', 'INITIALIZED', 't1_1', 1],
        ['t2_0', 'INITIALIZED', 't2_0', 1],
        ['t0_2', 'INITIALIZED', 't0_2', 0],
        ['t1_2', 'INITIALIZED', 't1_2', 0],
      ],
    );
  });

  it('is not written over what has happened since it was planned', (t) => {
    const store = finishedStudy(t);
    const renewal = plan(store, NARROW);
    const plannedAfter = readNewestEvent(store);
    openJournal(store, 1).record({ transitions: [], notes: [{ at: 6, why: 'something' }] }, 6);
    const before = everything(store);
    assert.throws(() => record(store, renewal, { plannedAfter }), { name: 'PlanOutdated' });
    assert.deepEqual(everything(store), before);
  });

  it('is written by the holder of the lease alone', (t) => {
    const store = finishedStudy(t);
    const renewal = plan(store, NARROW);
    const before = everything(store);
    assert.throws(() => record(store, renewal, { epoch: 2 }), { name: 'LeaseLost' });
    store.exec('UPDATE lease SET released_at = 1');
    assert.throws(() => record(store, renewal), { name: 'LeaseLost' });
    assert.deepEqual(everything(store), before);
  });

  it('is whole or not at all', (t) => {
    const store = finishedStudy(t);
    const renewal = plan(store, WIDE);
    const before = everything(store);
    store.exec(
      `CREATE TRIGGER full BEFORE INSERT ON step WHEN NEW.id = 6 BEGIN SELECT RAISE(ABORT, 'full'); END`,
    );
    assert.throws(() => record(store, renewal), /full/);
    assert.deepEqual(everything(store), before);
  });

  it('takes no step out of a flight: that would be a bug of the caller', (t) => {
    const store = finishedStudy(t, { t1_1: 'RUNNING' });
    const before = everything(store);
    assert.throws(() => record(store, plan(store, NARROW)), /step 3 cannot go from RUNNING to REMOVED/);
    assert.deepEqual(everything(store), before);
  });
});
