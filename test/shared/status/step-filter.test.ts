import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/shared/errors.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import { createStepFilter, type FilterTexts } from '../../../src/shared/status/step-filter.ts';

const STEPS = [
  { name: 'compile', state: 'FINISHED' as StepState, params: [] },
  { name: 'run_SIZE.10', state: 'RUNNING' as StepState, params: [['SIZE', '10'] as const] },
  { name: 'run_SIZE.a/b', state: 'FAILED' as StepState, params: [['SIZE', 'a=b'] as const] },
  { name: 'run', state: 'INITIALIZED' as StepState, params: [['SIZE', '10'] as const, ['N', '2'] as const] },
];

const chosen = (texts: FilterTexts): string[] => {
  const { accepts } = createStepFilter(texts);
  return STEPS.filter(accepts).map(({ name }) => name);
};

test('without texts every step is chosen', () => {
  assert.equal(chosen({}).length, STEPS.length);
});

test('states are any of those named, in any case', () => {
  assert.deepEqual(chosen({ states: ['failed', 'RUNNING'] }), ['run_SIZE.10', 'run_SIZE.a/b']);
});

test('a glob matches a whole name, slashes and dots included', () => {
  assert.deepEqual(chosen({ steps: ['run'] }), ['run']);
  assert.deepEqual(chosen({ steps: ['run_*'] }), ['run_SIZE.10', 'run_SIZE.a/b']);
  assert.deepEqual(chosen({ steps: ['*SIZE.?0', 'comp*'] }), ['compile', 'run_SIZE.10']);
});

test('a name is matched as it is, whatever it looks like as a glob', () => {
  const { accepts } = createStepFilter({ steps: ['run_[1]'] });
  assert.ok(accepts({ name: 'run_[1]', state: 'FAILED', params: [] }));
});

test('parameters must all have their values; a value may hold an equals sign', () => {
  assert.deepEqual(chosen({ params: ['SIZE=10'] }), ['run_SIZE.10', 'run']);
  assert.deepEqual(chosen({ params: ['SIZE=10', 'N=2'] }), ['run']);
  assert.deepEqual(chosen({ params: ['SIZE=a=b'] }), ['run_SIZE.a/b']);
});

test('kinds of texts narrow each other', () => {
  assert.deepEqual(chosen({ states: ['running'], steps: ['run*'], params: ['SIZE=10'] }), ['run_SIZE.10']);
});

test('parameters are needed only where they are asked for', () => {
  assert.equal(createStepFilter({ states: ['failed'] }).needsParams, false);
  assert.equal(createStepFilter({ params: ['A=1'] }).needsParams, true);
});

test('what can match nothing is said at once, with a mend', () => {
  const line = (texts: FilterTexts): string => {
    try {
      createStepFilter(texts);
    } catch (error) {
      assert.ok(error instanceof UserError);
      return error.line;
    }
    assert.fail('no error');
  };
  assert.match(line({ states: ['fialed'] }), /no state 'fialed'; did you mean 'FAILED'\?/);
  assert.match(line({ states: ['x'] }), /states are INITIALIZED, /);
  assert.match(line({ params: ['SIZE'] }), /--param SIZE has no value; write --param NAME=VALUE/);
});
