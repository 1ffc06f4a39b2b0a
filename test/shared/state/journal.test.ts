import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadModel } from '../../../src/conductor/stored-model.ts';
import { LeaseLost, openJournal } from '../../../src/shared/state/journal.ts';
import {
  readAttempts,
  readEvents,
  readLimits,
  readPauses,
  readRows,
  readSummary,
} from '../../../src/shared/state/queries.ts';
import { readStudy } from '../../../src/shared/state/study-record.ts';
import type { Transition } from '../../../src/shared/state/transition.ts';
import { fakeStudyDirectory, leaseForTest } from '../../fakes/stores.ts';

const opened: Transition = {
  step: 0,
  from: 'INITIALIZED',
  to: 'PENDING',
  at: 10,
  why: 'ready',
  attempt: { kind: 'opened', number: 1, script: 'main', host: 'here', gpus: '0,1', growth: 0 },
};
const started: Transition = {
  step: 0,
  from: 'PENDING',
  to: 'RUNNING',
  at: 11,
  why: 'process 42',
  attempt: { kind: 'started', number: 1, job: '42', startedAt: 11 },
};
const finished: Transition = {
  step: 0,
  from: 'RUNNING',
  to: 'FINISHED',
  at: 12,
  why: 'exit code 0',
  attempt: {
    kind: 'ended',
    number: 1,
    outcome: 'FINISHED',
    endedAt: 12,
    exit: { code: 0 },
    usage: { userMs: 3, systemMs: 4, maxRssKib: 5 },
  },
};

function bench(t: { after: (fn: () => void) => void }) {
  const made = fakeStudyDirectory([{ steps: 1 }, { steps: 2, parents: [0] }]);
  t.after(made.remove);
  leaseForTest(made.store);
  return { ...made, journal: openJournal(made.store, 1) };
}

describe('journal', () => {
  it('records an attempt from its opening to its end, with an event for each move', (t) => {
    const { store, journal } = bench(t);
    journal.record({ transitions: [opened, started, finished], notes: [{ at: 13, why: 'a note' }] }, 13);
    assert.deepEqual(readAttempts(store, 0), [
      {
        number: 1,
        script: 'main',
        job: '42',
        host: 'here',
        submittedAt: 10,
        startedAt: 11,
        endedAt: 12,
        outcome: 'FINISHED',
        exitCode: 0,
        signal: null,
        userMs: 3,
        systemMs: 4,
        maxRssKib: 5,
        growth: 0,
      },
    ]);
    assert.deepEqual(
      [...readEvents(store, 0)].map(({ step, from, to, why }) => [step, from, to, why]),
      [
        [0, 'INITIALIZED', 'PENDING', 'ready'],
        [0, 'PENDING', 'RUNNING', 'process 42'],
        [0, 'RUNNING', 'FINISHED', 'exit code 0'],
        [null, null, null, 'a note'],
      ],
    );
    const [row] = [...readRows(store)];
    assert.deepEqual([row!.state, row!.job, row!.attempts], ['FINISHED', '42', 1]);
  });

  it('keeps until when a step waits for its next try, for whoever reads the study next', (t) => {
    const { store, journal } = bench(t);
    const failed: Transition = {
      step: 0,
      from: 'RUNNING',
      to: 'FAILED',
      at: 12,
      why: 'exit code 1',
      attempt: { kind: 'ended', number: 1, outcome: 'FAILED', endedAt: 12, exit: { code: 1 } },
    };
    const again: Transition = {
      step: 0,
      from: 'FAILED',
      to: 'INITIALIZED',
      at: 12,
      why: 'try 2 of 3, in 30 s',
      again: 'retry',
      notBefore: 30_012,
    };
    journal.record({ transitions: [opened, started, failed, again], notes: [] }, 13);
    assert.deepEqual(readPauses(store), { count: 1, next: 30_012 });
    const model = loadModel(store, readStudy(store), []);
    assert.equal(model.ready.size, 0);
    assert.equal(model.releaseDue(20_000), 30_012);
    assert.ok(!model.isReady(0));
    assert.equal(model.releaseDue(30_012), undefined);
    assert.ok(model.isReady(0));
    const second = { ...opened, attempt: { ...opened.attempt, number: 2, growth: 1 } } as Transition;
    journal.record({ transitions: [second], notes: [] }, 30_013);
    assert.equal(readPauses(store), undefined);
    assert.deepEqual(
      readAttempts(store, 0).map(({ growth }) => growth),
      [0, 1],
    );
  });

  it('takes a clock that was set back for what it is, after a conductor has died too', (t) => {
    const { store } = bench(t);
    store.exec(`INSERT INTO attempt (step, number, script, submitted_at, epoch, host, ended_at, outcome)
      VALUES (0, 1, 'main', 1, 1, 'here', 1000000, 'FAILED')`);
    store.exec('UPDATE step SET attempts = 1, retries = 1, not_before = 1030000 WHERE id = 0');
    const model = loadModel(store, readStudy(store), []);
    model.releaseDue(500_000);
    assert.ok(model.isReady(0));
  });

  it('records a turn as a whole or not at all', (t) => {
    const { store, journal } = bench(t);
    assert.throws(() => journal.record({ transitions: [opened, finished], notes: [] }, 13));
    assert.deepEqual([...readEvents(store, 0)], []);
    assert.equal([...readRows(store)][0]!.state, 'INITIALIZED');
  });

  it('refuses a transition that the table forbids and one from a state that the step is not in', (t) => {
    const { journal } = bench(t);
    const forbidden: Transition = { step: 0, from: 'INITIALIZED', to: 'FINISHED', at: 1, why: 'x' };
    assert.throws(() => journal.record({ transitions: [forbidden], notes: [] }, 1), /cannot go from/);
    assert.throws(() => journal.record({ transitions: [started], notes: [] }, 1), /cannot go from PENDING/);
  });

  it('writes nothing once another conductor holds the lease', (t) => {
    const { store, journal } = bench(t);
    leaseForTest(store, 2);
    assert.throws(() => journal.record({ transitions: [opened], notes: [] }, 1), LeaseLost);
    assert.equal([...readRows(store)][0]!.state, 'INITIALIZED');
  });

  it('keeps events as they were written', (t) => {
    const { store, journal } = bench(t);
    journal.record({ transitions: [opened], notes: [] }, 1);
    assert.throws(() => store.exec("UPDATE event SET why = 'forged'"), /append-only/);
    assert.throws(() => store.exec('DELETE FROM event'), /append-only/);
  });

  it('counts what comes again by its reason, and keeps changed limits', (t) => {
    const { store, journal } = bench(t);
    const limits = { attempts: 2, rlimit: 7, throttle: 3, sleeptime: 0 };
    const failed = { kind: 'ended', number: 1, outcome: 'FAILED', endedAt: 12, exit: { code: 3 } } as const;
    journal.record(
      {
        transitions: [
          opened,
          started,
          { step: 0, from: 'RUNNING', to: 'FAILED', at: 12, why: 'exit code 3', attempt: failed },
          { step: 0, from: 'FAILED', to: 'INITIALIZED', at: 12, why: 'try 2 of 2', again: 'retry' },
        ],
        notes: [],
        limits,
      },
      12,
    );
    assert.deepEqual(store.prepare('SELECT attempts, retries, restarts FROM step WHERE id = 0').get(), {
      attempts: 1,
      retries: 1,
      restarts: 0,
    });
    assert.deepEqual(readLimits(store), limits);
    journal.record({ transitions: [], notes: [], limits: { ...limits, cores: 2, gpus: 0 } }, 13);
    assert.deepEqual(readLimits(store), { ...limits, cores: 2, gpus: 0 });
  });

  it('reads a study back as it was recorded', (t) => {
    const { store } = bench(t);
    const { study, expansion } = readStudy(store);
    assert.equal(study.name, 'fake');
    assert.deepEqual([...expansion.parents], [0, 0]);
    assert.deepEqual([...expansion.parentsStart], [0, 0, 1, 2]);
    assert.deepEqual(expansion.names, ['t0_0', 't1_0', 't1_1']);
    const { total, counts } = readSummary(store);
    assert.deepEqual([total, [...counts]], [3, [['INITIALIZED', 3]]]);
  });

  it('cannot hold a finished attempt that never started, or an end without an outcome', (t) => {
    const { store, journal } = bench(t);
    journal.record({ transitions: [opened], notes: [] }, 1);
    const update = (sql: string) => () => store.exec(`UPDATE attempt SET ${sql} WHERE step = 0`);
    assert.throws(update("outcome = 'FINISHED', ended_at = 1"), /CHECK/);
    assert.throws(update('ended_at = 1'), /CHECK/);
    assert.throws(update('started_at = 1'), /CHECK/);
    assert.throws(() => store.exec("UPDATE step SET state = 'LOST'"), /CHECK/);
  });
});
