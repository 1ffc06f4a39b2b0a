import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ancestryOf } from '../../../src/cli/explain/ancestry.ts';
import { isFinal, type StepState } from '../../../src/shared/state/states.ts';
import { type FakeTemplate, fakeStudy } from '../../fakes/graphs.ts';

function ancestry(templates: readonly FakeTemplate[], states: readonly StepState[]) {
  const { study, expansion } = fakeStudy(templates);
  return ancestryOf(study, expansion, states);
}

/** Two chains of two, and one step after both of their ends. */
const FAN: readonly FakeTemplate[] = [{ steps: 2 }, { steps: 2, parents: [0] }, { steps: 1, funnels: [1] }];

describe('what a step depends on', () => {
  it('are its own parents, and all steps of a funnel', () => {
    const { parentsOf } = ancestry(FAN, new Array(5).fill('INITIALIZED'));
    assert.deepEqual([0, 2, 3, 4].map(parentsOf), [[], [0], [1], [2, 3]]);
  });

  it('has culprits: those that failed by themselves, however far away', () => {
    const { culpritsOf } = ancestry(FAN, ['FAILED', 'FINISHED', 'FAILED', 'FAILED', 'FAILED']);
    assert.deepEqual(culpritsOf(4), [0, 3]);
    assert.deepEqual(culpritsOf(2), [0]);
    assert.deepEqual(culpritsOf(0), [], 'a step is not its own');
  });

  it('looks at steps that share a funnel once', () => {
    const templates: FakeTemplate[] = [
      { steps: 600 },
      { steps: 600, funnels: [0] },
      { steps: 1, funnels: [1] },
    ];
    const states: StepState[] = new Array(1201).fill('FAILED');
    assert.equal(ancestry(templates, states).culpritsOf(1200).length, 600);
  });

  it('finds the culprits that the definition names', () => {
    const state = fc.constantFrom<StepState>('FINISHED', 'FAILED', 'CANCELLED', 'RUNNING', 'INITIALIZED');
    const templates: FakeTemplate[] = [
      { steps: 3 },
      { steps: 3, parents: [0] },
      { steps: 3, funnels: [1] },
      { steps: 3, parents: [2], funnels: [0] },
    ];
    fc.assert(
      fc.property(fc.array(state, { minLength: 12, maxLength: 12 }), fc.nat({ max: 11 }), (states, step) => {
        const { parentsOf, culpritsOf } = ancestry(templates, states);
        const isUnfinished = (of: number) => isFinal(states[of]!) && states[of] !== 'FINISHED';
        const reached = new Set<number>();
        const walk = (from: number): void => {
          for (const parent of parentsOf(from).filter(isUnfinished)) {
            if (reached.has(parent)) continue;
            reached.add(parent);
            walk(parent);
          }
        };
        walk(step);
        const culprits = [...reached].filter((of) => !parentsOf(of).some(isUnfinished)).sort((a, b) => a - b);
        assert.deepEqual(culpritsOf(step), culprits);
      }),
    );
  });
});
