import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildGraph } from '../../../src/conductor/graph.ts';
import { Model } from '../../../src/conductor/model.ts';
import type { Expanded } from '../../../src/shared/renew/place-steps.ts';
import { changesNothing, planRenewal, type Renewal } from '../../../src/shared/renew/renewal.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import { stepText } from '../../../src/shared/study/text-of-step.ts';
import { arbitrarySpecification, nastyText } from '../study/arbitrary-study.ts';
import { expanded } from '../study/studies.ts';

const OPTIONS = { ignoresResources: false };

const studies = arbitrarySpecification(fc.constantFrom('1', '2', '3', 'x', 'y', 'a.b', 'b')).map((made) =>
  expanded(made),
);

function finished({ expansion }: Expanded): StepState[] {
  return expansion.names.map(() => 'FINISHED');
}

function renew(before: Expanded, after: Expanded): Renewal {
  return planRenewal({ ...before, states: finished(before) }, after, OPTIONS);
}

function rowsOf({ expansion }: Expanded): number[] {
  return Array.from({ length: expansion.count }, (_, row) => row);
}

function templateOf({ study, expansion }: Expanded, row: number) {
  return study.steps[expansion.template[row]!]!;
}

function plainParents({ expansion }: Expanded, row: number): number[] {
  return [...expansion.parents.subarray(expansion.parentsStart[row]!, expansion.parentsStart[row + 1]!)];
}

/** All steps that one awaits, those of its funnels too. */
function parentsOf(made: Expanded, row: number): number[] {
  const { funnels } = templateOf(made, row);
  return [
    ...plainParents(made, row),
    ...rowsOf(made).filter((other) => funnels.includes(made.expansion.template[other]!)),
  ];
}

function funnelNames(made: Expanded, row: number): string[] {
  return templateOf(made, row).funnels.map((of) => made.study.steps[of]!.name);
}

const keyOf = ({ expansion }: Expanded, row: number): string =>
  JSON.stringify([expansion.names[row], expansion.workspaces[row]]);

/** By the rules, one step at a time: the keys of the steps of `after` that may not keep a result of `before`. */
function naiveRuns(before: Expanded, after: Expanded): Set<string> {
  const rowOf = new Map(rowsOf(before).map((row) => [keyOf(before, row), row]));
  const known = new Set(rowsOf(after).map((row) => keyOf(after, row)));
  const lost = new Set(
    rowsOf(before)
      .filter((row) => !known.has(keyOf(before, row)))
      .map((row) => templateOf(before, row).name),
  );
  const runs = new Set<string>();
  const mustRun = (step: number): boolean => {
    const row = rowOf.get(keyOf(after, step));
    if (row === undefined) return true;
    if (
      stepText(before.study, before.expansion, row).cmd !== stepText(after.study, after.expansion, step).cmd
    )
      return true;
    if (parentsOf(after, step).some((parent) => runs.has(keyOf(after, parent)))) return true;
    const funnels = funnelNames(before, row);
    if (funnelNames(after, step).some((name) => !funnels.includes(name) || lost.has(name))) return true;
    const parents = new Set(plainParents(before, row).map((parent) => keyOf(before, parent)));
    return plainParents(after, step).some(
      (parent) => !parents.has(keyOf(after, parent)) && !funnels.includes(templateOf(after, parent).name),
    );
  };
  for (let isNews = true; isNews; ) {
    isNews = false;
    for (const step of rowsOf(after)) {
      if (runs.has(keyOf(after, step)) || !mustRun(step)) continue;
      runs.add(keyOf(after, step));
      isNews = true;
    }
  }
  return runs;
}

test('the same specification changes nothing, whatever its names', () => {
  const nasty = arbitrarySpecification(nastyText).chain((made) => {
    try {
      return fc.constant(expanded(made));
    } catch {
      return fc.constant(undefined);
    }
  });
  fc.assert(
    fc.property(nasty, (made) => {
      fc.pre(made !== undefined);
      const renewal = renew(made, { ...made });
      assert.equal(changesNothing(renewal), true);
      assert.deepEqual(renewal.expansion, made.expansion);
    }),
  );
});

test('what keeps its result, runs again, is new or is removed follows from the rules', () => {
  fc.assert(
    fc.property(studies, studies, (before, after) => {
      const { expansion, fates } = renew(before, after);
      const runs = naiveRuns(before, after);
      const present = new Set(rowsOf(after).map((row) => keyOf(after, row)));
      for (const [row, { kind }] of fates.entries()) {
        const isOld = row < before.expansion.count;
        const key = keyOf({ ...after, expansion }, row);
        if (kind === 'removed') assert.equal(present.has(keyOf(before, row)), false);
        else assert.equal(kind, isOld ? (runs.has(key) ? 'again' : 'kept') : 'new', key);
      }
      assert.equal(fates.filter(({ kind }) => kind !== 'removed').length, after.expansion.count);
    }),
    { numRuns: 500 },
  );
});

test('rows never come to mean other steps, and the new graph is the one of the new specification', () => {
  fc.assert(
    fc.property(studies, studies, (before, after) => {
      const { study, expansion } = renew(before, after);
      const merged = { study, expansion };
      for (const row of rowsOf(before)) assert.equal(expansion.names[row], before.expansion.names[row]);
      const live = rowsOf(merged).filter((row) => expansion.removed?.has(row) !== true);
      const described = (made: Expanded, row: number) => ({
        text: stepText(study, made.expansion, row),
        parents: parentsOf(made, row)
          .map((parent) => made.expansion.names[parent])
          .sort(),
      });
      const inRows = Object.fromEntries(
        live.map((row) => [
          expansion.names[row],
          {
            text: stepText(study, expansion, row),
            parents: [
              ...plainParents(merged, row),
              ...live.filter((other) => templateOf(merged, row).funnels.includes(expansion.template[other]!)),
            ]
              .map((parent) => expansion.names[parent])
              .sort(),
          },
        ]),
      );
      const asExpanded = Object.fromEntries(
        rowsOf(after).map((row) => [after.expansion.names[row], described(after, row)]),
      );
      assert.deepEqual(inRows, asExpanded);
      assert.equal(new Set(expansion.workspaces).size, expansion.count, 'each has a place of its own');
    }),
  );
});

test('back and forth leads to the first graph again, however often', () => {
  fc.assert(
    fc.property(studies, fc.array(studies, { minLength: 1, maxLength: 3 }), (first, others) => {
      let states = finished(first);
      let current: Expanded = first;
      const rowsByKey = new Map(rowsOf(first).map((row) => [keyOf(first, row), row]));
      for (const next of [...others, first]) {
        const renewal = planRenewal({ ...current, states }, next, OPTIONS);
        states = renewal.fates.map(({ kind }) =>
          kind === 'removed' || kind === 'gone' ? 'REMOVED' : 'FINISHED',
        );
        current = renewal;
      }
      for (const [key, row] of rowsByKey) {
        assert.equal(keyOf(current, row), key);
        assert.equal(states[row], 'FINISHED');
      }
      assert.equal(states.filter((state) => state === 'FINISHED').length, first.expansion.count);
    }),
  );
});

test('a conductor starts what may start, and never what was removed', () => {
  fc.assert(
    fc.property(studies, studies, (before, after) => {
      const { study, expansion, fates } = renew(before, after);
      const states = fates.map(({ kind }): StepState => {
        if (kind === 'removed') return 'REMOVED';
        return kind === 'kept' ? 'FINISHED' : 'INITIALIZED';
      });
      const counters = {
        attempts: 0,
        retries: 0,
        restarts: 0,
        resubmissions: 0,
        notBefore: null,
        waitMs: null,
      };
      const stored = states.map((state) => ({ state, ...counters }));
      const model = new Model(buildGraph(study, expansion), stored, []);
      const started: number[] = [];
      while (model.ready.size > 0) {
        const ready: number[] = [];
        model.ready.offer(model.ready.size, (step) => {
          if (model.isReady(step)) ready.push(step);
          return 'taken';
        });
        for (const step of ready) {
          started.push(step);
          model.apply({ step, from: 'INITIALIZED', to: 'PENDING', at: 0, why: '' });
          model.apply({ step, from: 'PENDING', to: 'FINISHED', at: 0, why: '' });
        }
      }
      const wanted = states.flatMap((state, row) => (state === 'INITIALIZED' ? [row] : []));
      assert.deepEqual(
        started.sort((a, b) => a - b),
        wanted,
      );
      assert.equal(model.unsettled, 0);
      assert.equal(model.total, after.expansion.count);
    }),
  );
});
