import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FoundAttempt } from '../../../src/conductor/rebuild/evidence.ts';
import { type KnownStep, restoreStep } from '../../../src/conductor/rebuild/restore-step.ts';
import type { Row } from '../../../src/shared/state/copy/tables.ts';
import { isFinal, isInFlight, STEP_STATES, type StepState } from '../../../src/shared/state/states.ts';

const NOW = { at: 9000, host: 'here', epoch: 4 };

function attempt(number: number, rest: Partial<Row> = {}): Row {
  const nothing = { job: null, started_at: null, ended_at: null, outcome: null };
  return {
    step: 0,
    number,
    script: 'main',
    submitted_at: 1,
    epoch: 1,
    host: 'here',
    gpus: '',
    ...nothing,
    ...rest,
  };
}

function mark(number: number, rest: Partial<FoundAttempt> = {}): FoundAttempt {
  return { step: 0, number, epoch: 3, host: 'here', job: null, startedAt: null, ending: undefined, ...rest };
}

function known(state: StepState, rest: Partial<KnownStep> = {}): KnownStep {
  const attempts = rest.attempts ?? [];
  const counters = { attempts: attempts.length, retries: 0, restarts: 0, resubmissions: 0, is_doomed: 0 };
  const row = { id: 0, name: 'a', workspace: 'a', state, ...counters };
  return { row, attempts, told: state, found: [], mayHaveBegun: false, ...rest };
}

describe('a step is restored', () => {
  it('as it was where nothing speaks against it', () => {
    const ended = attempt(1, { outcome: 'FINISHED', started_at: 2, ended_at: 3, job: '7' });
    const step = known('FINISHED', { attempts: [ended] });
    assert.deepEqual(restoreStep(step, NOW), { row: step.row, attempts: [ended], why: undefined });
    const running = known('RUNNING', { attempts: [attempt(1, { job: '7', started_at: 2 })] });
    const { row, attempts } = running;
    assert.deepEqual(restoreStep(running, NOW), { row, attempts, why: undefined });
  });

  it('as removed where it was, with what is known of that', () => {
    const removed = JSON.stringify({ template: 'a', params: [], workspace: 'a' });
    const step = known('REMOVED');
    const row = { ...step.row, removed };
    assert.deepEqual(restoreStep({ ...step, row }, NOW), { row, attempts: [], why: undefined });
    assert.deepEqual(restoreStep({ ...step, row: { ...row, removed: null } }, NOW).row, row);
    const untold = restoreStep({ ...step, row, told: 'FINISHED' }, NOW);
    assert.deepEqual([untold.row.state, untold.why], ['REMOVED', 'by what was known last']);
  });

  it('as begun where a later attempt has left a mark, and its earlier one is closed', () => {
    const step = known('RUNNING', { attempts: [attempt(1)], found: [mark(2, { job: '7', startedAt: 5 })] });
    const { row, attempts, why } = restoreStep(step, NOW);
    assert.equal(row.state, 'RUNNING');
    assert.equal(row.attempts, 2);
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['UNKNOWN', null],
    );
    assert.equal(attempts[1]!.epoch, 3, 'its records are found by its epoch');
    assert.equal(why, undefined, 'its events say RUNNING, too');
  });

  it('without the pause that it was in, where it has been tried again since', () => {
    const ended = attempt(1, { outcome: 'FAILED', started_at: 2, ended_at: 3, job: '7' });
    const waiting = known('INITIALIZED', { attempts: [ended] });
    const paused = { ...waiting, row: { ...waiting.row, not_before: 30_003 } };
    assert.equal(restoreStep(paused, NOW).row.not_before, 30_003);
    const { row } = restoreStep({ ...paused, found: [mark(2, { job: '8', startedAt: 40_000 })] }, NOW);
    assert.deepEqual([row.state, row.not_before], ['RUNNING', null]);
  });

  it('as begun even where it has finished before: somebody wanted it run again', () => {
    const ended = attempt(1, { outcome: 'FINISHED', started_at: 2, ended_at: 3, job: '7' });
    const { row, why } = restoreStep(known('FINISHED', { attempts: [ended], found: [mark(2)] }), NOW);
    assert.equal(row.state, 'PENDING');
    assert.equal(why, 'attempt 2 was begun, by its records');
  });

  it('with a number that no job script has had, where the newest was taken away from its job', () => {
    const found = [mark(1, { ending: { outcome: 'DROPPED' } })];
    const { row, attempts } = restoreStep(known('INITIALIZED', { found }), NOW);
    assert.equal(row.state, 'INITIALIZED');
    assert.equal(row.attempts, 1);
    assert.equal(attempts[0]!.outcome, 'DROPPED');
  });

  it('held open where only its workspace is there', () => {
    const { row, attempts } = restoreStep(known('INITIALIZED', { mayHaveBegun: true }), NOW);
    assert.equal(row.state, 'PENDING');
    assert.deepEqual([attempts.length, attempts[0]!.outcome, attempts[0]!.epoch], [1, null, NOW.epoch]);
  });

  it('held open where its row of the attempt in flight is lost', () => {
    const { row, attempts } = restoreStep(known('RUNNING', { told: 'RUNNING' }), NOW);
    assert.equal(row.state, 'PENDING');
    assert.equal(attempts[0]!.number, 1);
  });
});

const anyOutcome = fc.constantFrom('FINISHED', 'FAILED', 'DROPPED', 'UNKNOWN', null);
const anyEnding = fc.option(
  fc.record({ at: fc.nat(), outcome: fc.constantFrom('FINISHED', 'FAILED', 'DROPPED') }),
  { nil: undefined },
);

/** Steps of which anything may be missing. */
const anyStep = fc
  .record({
    state: fc.constantFrom(...STEP_STATES.filter((state) => state !== 'DRYRUN')),
    outcomes: fc.array(anyOutcome, { maxLength: 3 }),
    found: fc.uniqueArray(fc.record({ number: fc.integer({ min: 1, max: 5 }), ending: anyEnding }), {
      selector: ({ number }) => number,
    }),
    isTold: fc.boolean(),
    mayHaveBegun: fc.boolean(),
  })
  .map(({ state, outcomes, found, isTold, mayHaveBegun }) => {
    const attempts = outcomes.map((outcome, index) => {
      const isOpen = outcome === null;
      const started = outcome === 'FINISHED' ? { started_at: 2, job: '7' } : {};
      return attempt(index + 1, { outcome, ended_at: isOpen ? null : 3, ...started });
    });
    const marks = found
      .sort((a, b) => a.number - b.number)
      .map(({ number, ending }) => {
        return mark(number, { ending: ending as FoundAttempt['ending'] });
      });
    const told = isTold ? state : undefined;
    return { ...known(state, { attempts, found: marks, mayHaveBegun }), told };
  });

describe('whatever is known of a step', () => {
  it('it comes into a state that a study can go on from, and what may have begun is not begun again', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        const { row, attempts } = restoreStep(step, NOW);
        const state = row.state as StepState;
        const open = attempts.filter(({ outcome }) => outcome === null);
        const newest = attempts.at(-1);
        assert.ok(isInFlight(state) || isFinal(state) || state === 'INITIALIZED', state);
        assert.equal(isInFlight(state), newest !== undefined && newest.outcome === null, state);
        if (isInFlight(state)) assert.equal(newest!.number, row.attempts);
        assert.ok(open.length <= 1, `${open.length} attempts are open`);
        const marked = Math.max(0, ...step.found.map(({ number }) => number));
        assert.ok(Number(row.attempts) >= marked, 'no number is used twice');
        const last = step.found.find(({ number }) => number === marked);
        if (last !== undefined && marked > step.attempts.length && last.ending?.outcome !== 'DROPPED') {
          assert.ok(isInFlight(state), 'what was begun is judged before anything else');
        }
        for (const each of attempts) {
          if (each.outcome === 'FINISHED') assert.notEqual(each.started_at, null);
          if (each.outcome === 'DROPPED') assert.equal(each.started_at, null);
          if (each.started_at !== null) assert.notEqual(each.job, null);
          assert.equal(each.outcome === null, each.ended_at === null);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
