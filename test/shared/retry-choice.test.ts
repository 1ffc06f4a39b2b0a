import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RetryFlags, retryChoice } from '../../src/shared/retry-choice.ts';
import { STEP_STATES, type StepState } from '../../src/shared/state/states.ts';

const choose = (flags: Partial<RetryFlags>) => retryChoice({ only: false, clean: false, ...flags });

/** The states in which a step of this name, for SIZE 10, is chosen. */
function statesChosen(flags: Partial<RetryFlags>, name = 'run_SIZE.10'): StepState[] {
  const { filter } = choose(flags);
  return STEP_STATES.filter((state) => filter.accepts({ name, state, params: [['SIZE', '10']] }));
}

describe('the steps of a retry', () => {
  it('are those that ended without having finished', () => {
    assert.deepEqual(statesChosen({}), ['FAILED', 'TIMEDOUT', 'CANCELLED']);
  });

  it('are chosen among these by name and parameter', () => {
    assert.deepEqual(statesChosen({ step: ['run_*'], param: ['SIZE=10'] }), [
      'FAILED',
      'TIMEDOUT',
      'CANCELLED',
    ]);
    assert.deepEqual(statesChosen({ step: ['mesh_*'] }), []);
    assert.deepEqual(statesChosen({ param: ['SIZE=20'] }), []);
  });

  it('are in the states named, where some are', () => {
    assert.deepEqual(statesChosen({ state: ['finished', 'timedout'] }), ['FINISHED', 'TIMEDOUT']);
    assert.throws(() => choose({ state: ['broken'] }), /there is no state 'broken'/);
  });

  it('are any with --from', () => {
    assert.equal(statesChosen({ from: ['run_SIZE.10'] }).length, STEP_STATES.length);
    assert.deepEqual(statesChosen({ from: ['mesh'] }), []);
  });

  it('take along what depends on them, unless --only', () => {
    for (const only of [false, true]) assert.equal(choose({ only }).descendants, !only);
  });
});
