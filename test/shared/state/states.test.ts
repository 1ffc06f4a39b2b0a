import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { migration0001 } from '../../../src/shared/state/migrations/0001-study.ts';
import {
  FINAL,
  isFinal,
  isInFlight,
  mayFollow,
  STEP_STATES,
  type StepState,
  TRANSITIONS,
} from '../../../src/shared/state/states.ts';

/** All states that a step may reach from one, itself included. */
function reachable(from: StepState): Set<StepState> {
  const found = new Set([from]);
  for (const state of found) for (const next of TRANSITIONS[state]) found.add(next);
  return found;
}

describe('the table of transitions', () => {
  it('knows every state, and names no state twice in a row', () => {
    assert.deepEqual(Object.keys(TRANSITIONS), [...STEP_STATES]);
    for (const [from, to] of Object.entries(TRANSITIONS)) assert.equal(new Set(to).size, to.length, from);
  });

  it('lets no state follow itself: a transition is a change', () => {
    assert.deepEqual(
      STEP_STATES.filter((state) => mayFollow(state, state)),
      [],
    );
  });

  it('leads to a new attempt only from INITIALIZED, so that no attempt is made of a running step', () => {
    assert.deepEqual(
      STEP_STATES.filter((state) => mayFollow(state, 'PENDING')),
      ['INITIALIZED'],
    );
  });

  it('leads from the first state to every final one', () => {
    const states = reachable('INITIALIZED');
    for (const state of FINAL) assert.ok(states.has(state), state);
  });

  it('lets every attempt in flight end, and be cancelled', () => {
    for (const state of STEP_STATES.filter(isInFlight)) {
      for (const end of ['FINISHED', 'FAILED', 'TIMEDOUT', 'CANCELLED'] as const) {
        assert.ok(mayFollow(state, end), `${state} to ${end}`);
      }
    }
  });

  it('leads out of a final state only by trying again, to a failure for good, or out of the study', () => {
    for (const state of STEP_STATES.filter(isFinal)) {
      const others = TRANSITIONS[state].filter(
        (next) => !['INITIALIZED', 'FAILED', 'REMOVED'].includes(next),
      );
      assert.deepEqual(others, [], state);
    }
  });

  it('leaves no state in which a step could be stuck, but that of a dry run', () => {
    const stuck = STEP_STATES.filter((state) => ![...reachable(state)].some((next) => next === 'FINISHED'));
    assert.deepEqual(stuck, ['DRYRUN']);
  });
});

describe('the store', () => {
  it('takes the states of the table and no others', () => {
    const check = /state IN \(([^)]*)\)/.exec(migration0001)?.[1] ?? '';
    assert.deepEqual(
      [...check.matchAll(/'(\w+)'/g)].map(([, state]) => state),
      [...STEP_STATES],
    );
  });
});
