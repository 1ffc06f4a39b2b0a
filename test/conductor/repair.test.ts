import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Model, type StoredStep } from '../../src/conductor/model.ts';
import { planRetry, retryTransitions } from '../../src/conductor/repair.ts';
import type { StepState } from '../../src/shared/state/states.ts';
import { type FakeTemplate, fakeStudy } from '../fakes/graphs.ts';

/** A study in which steps are in the given states, in the order of their rows. */
function modelOf(templates: readonly FakeTemplate[], states: readonly StepState[]): Model {
  const { graph } = fakeStudy(templates);
  const counters = { attempts: 1, retries: 2, restarts: 1, resubmissions: 1, notBefore: null, waitMs: null };
  const stored = states.map((state): StoredStep => ({ state, ...counters }));
  return new Model(graph, stored, []);
}

const CHAIN: readonly FakeTemplate[] = [{ steps: 1 }, { steps: 1, parents: [0] }, { steps: 1, funnels: [1] }];

describe('planRetry', () => {
  it('takes the descendants along, if asked to', () => {
    const model = modelOf(CHAIN, ['FAILED', 'FAILED', 'FAILED']);
    assert.deepEqual(planRetry(model, [0], true, String).steps, [0, 1, 2]);
    assert.deepEqual(planRetry(model, [0], false, String).steps, [0]);
  });

  it('refuses a step whose parent did not finish and is not retried: it would wait for ever', () => {
    const model = modelOf(CHAIN, ['FAILED', 'FAILED', 'FAILED']);
    const plan = planRetry(model, [2], true, String);
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(plan.refused, [{ step: 2, why: '2 needs 1, which is FAILED' }]);
  });

  it('refuses what has not settled', () => {
    const model = modelOf(CHAIN, ['FINISHED', 'INITIALIZED', 'INITIALIZED']);
    assert.match(planRetry(model, [1], true, String).refused[0]!.why, /nothing to retry yet/);
  });

  it('leaves alone what a step in flight depends on, even where that is not to run again', () => {
    const model = modelOf(CHAIN, ['FINISHED', 'RUNNING', 'INITIALIZED']);
    for (const descendants of [true, false]) {
      const { steps, refused } = planRetry(model, [0], descendants, String);
      assert.deepEqual(steps, []);
      assert.match(refused[0]!.why, /^1 runs, and depends on what is to be retried/);
    }
  });

  it('goes back over finished steps and everything after them', () => {
    const model = modelOf(CHAIN, ['FINISHED', 'FINISHED', 'FINISHED']);
    const plan = planRetry(model, [1], true, String);
    assert.deepEqual(plan.steps, [1, 2]);
    for (const transition of retryTransitions(model, plan, 5)) model.apply(transition);
    assert.deepEqual([model.isReady(1), model.isReady(2)], [true, false]);
    assert.equal(model.counterOf(1, 'retries'), 0);
    assert.equal(model.unsettled, 2);
  });
});
