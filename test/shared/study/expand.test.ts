import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { expand } from '../../../src/shared/study/expand.ts';
import { MAX_NAME_BYTES, scriptBase } from '../../../src/shared/study/names.ts';
import { resolveStudy } from '../../../src/shared/study/resolve.ts';
import type { Expansion } from '../../../src/shared/study/study.ts';
import { arbitrarySpecification, nastyText } from './arbitrary-study.ts';
import { naiveExpansion } from './naive-expansion.ts';
import { expanded, OPTIONS, parameterOf, specOf, stepOf, studyOf } from './studies.ts';

const tame = fc.constantFrom('1', '2', '3', 'x', 'y', 'a.b', 'b');

const specifications = arbitrarySpecification(tame);

/** Any sound study, and with hashed workspaces or not. */
const nastyStudies = fc
  .tuple(arbitrarySpecification(nastyText), fc.boolean())
  .map(([specification, hashWorkspaces]) => resolveStudy(specification, { ...OPTIONS, hashWorkspaces }).study)
  .filter((study) => study !== undefined);

function steps(expansion: Expansion): number[] {
  return Array.from({ length: expansion.count }, (_, step) => step);
}

test('rows are those of the rules, in their order', () => {
  fc.assert(
    fc.property(specifications, (specification) => {
      const { study, expansion } = expanded(specification);
      assert.deepEqual(
        steps(expansion).map((step) => ({
          template: expansion.template[step],
          row: expansion.combination[step],
        })),
        naiveExpansion(study),
      );
    }),
    { numRuns: 1000 },
  );
});

test('each combination of what a step uses is there once', () => {
  fc.assert(
    fc.property(nastyStudies, (study) => {
      const expansion = expand(study);
      for (const [template, { uses }] of study.steps.entries()) {
        const labelsOf = (row: number) => uses.map((use) => study.parameters[use]!.labels[row]).join('.');
        const rows = uses.length === 0 ? [0] : study.parameters[uses[0]!]!.values.map((_, row) => row);
        const found = steps(expansion).filter((step) => expansion.template[step] === template);
        const labels = found.map((step) => labelsOf(expansion.combination[step]!));
        assert.deepEqual(new Set(labels), new Set(rows.map(labelsOf)));
        assert.equal(new Set(labels).size, labels.length);
      }
    }),
  );
});

test('parents are the same combination of an earlier template', () => {
  fc.assert(
    fc.property(specifications, (specification) => {
      const { study, expansion } = expanded(specification);
      for (const step of steps(expansion)) {
        const template = study.steps[expansion.template[step]!]!;
        const parents = expansion.parents.slice(
          expansion.parentsStart[step],
          expansion.parentsStart[step + 1],
        );
        assert.deepEqual(
          Array.from(parents, (parent) => expansion.template[parent]),
          template.parents,
        );
        for (const parent of parents) {
          assert.ok(expansion.template[parent]! < expansion.template[step]!);
          for (const use of study.steps[expansion.template[parent]!]!.uses) {
            assert.ok(template.uses.includes(use));
          }
        }
      }
      assert.equal(expansion.parentsStart[expansion.count], expansion.parents.length);
    }),
  );
});

// Not every parent comes before its child: rows are breadth first, not topological.
test('a step is a root or comes after one of those that it awaits', () => {
  fc.assert(
    fc.property(specifications, (specification) => {
      const { study, expansion } = expanded(specification);
      const seen = new Set<number>();
      for (const step of steps(expansion)) {
        const { parents, funnels } = study.steps[expansion.template[step]!]!;
        const own = expansion.parents.slice(expansion.parentsStart[step], expansion.parentsStart[step + 1]);
        const isRoot = parents.length === 0 && funnels.length === 0;
        assert.ok(
          isRoot || own.some((parent) => parent < step) || funnels.some((funnel) => seen.has(funnel)),
        );
        seen.add(expansion.template[step]!);
      }
    }),
  );
});

test('the same study gives the same expansion, also after a way through JSON', () => {
  fc.assert(
    fc.property(specifications, (specification) => {
      const study = studyOf(specification);
      assert.deepEqual(expand(JSON.parse(JSON.stringify(study))), expand(study));
    }),
  );
});

test('names and workspaces are unique, whatever the labels', () => {
  fc.assert(
    fc.property(nastyStudies, (study) => {
      const { count, names, workspaces } = expand(study);
      assert.equal(new Set(names).size, count);
      assert.equal(new Set(workspaces).size, count);
    }),
    { numRuns: 1000 },
  );
});

test('no workspace and no script leaves the study directory or outgrows a file name', () => {
  fc.assert(
    fc.property(nastyStudies, (study) => {
      const expansion = expand(study);
      for (const step of steps(expansion)) {
        const workspace = expansion.workspaces[step]!;
        assert.equal(posix.normalize(workspace), workspace);
        assert.ok(posix.join(study.directory, workspace).startsWith(`${study.directory}/`));
        const { uses } = study.steps[expansion.template[step]!]!;
        const parts = workspace.split('/');
        assert.equal(parts.length, uses.length === 0 ? 1 : 2);
        for (const part of [...parts, scriptBase(study, expansion, step)]) {
          assert.match(part, /^[-_.()A-Za-z0-9]+$/);
          assert.doesNotMatch(part, /^\.{1,2}$/);
          assert.ok(part.length <= MAX_NAME_BYTES);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('workspaces of different steps do not lie in each other', () => {
  fc.assert(
    fc.property(nastyStudies, (study) => {
      const expansion = expand(study);
      const owners = new Map<string, number>();
      for (const step of steps(expansion)) {
        const top = expansion.workspaces[step]!.split('/')[0]!;
        const template = expansion.template[step]!;
        assert.equal(owners.get(top) ?? template, template);
        owners.set(top, template);
      }
    }),
  );
});

test('of two combinations with one path the later gets a hash', () => {
  const { expansion } = expanded(
    specOf({
      steps: [stepOf('see', { cmd: '$(V)' })],
      parameters: [parameterOf('V', ['a:b', 'a/b', 'A:B', 'ab'])],
    }),
  );
  assert.deepEqual(expansion.names, ['see_V.a:b', 'see_V.a/b', 'see_V.A:B', 'see_V.ab']);
  assert.deepEqual(
    expansion.workspaces.map((workspace) => workspace.replace(/_[0-9a-f]{8}$/, '_HASH')),
    ['see/V.ab', 'see/V.ab_HASH', 'see/V.AB', 'see/V.ab_HASH'],
  );
});

test('two steps that would have one name in status.csv get two', () => {
  const { expansion } = expanded(
    specOf({
      steps: [stepOf('a', { cmd: '$(P)' }), stepOf('a_1')],
      parameters: [parameterOf('P', ['1', '2'], { labels: ['1', '2'] })],
    }),
  );
  const [plain, hashed, other] = [...expansion.names].sort();
  assert.equal(plain, 'a_1');
  assert.match(hashed!, /^a_1_[0-9a-f]{8}$/);
  assert.equal(other, 'a_2');
});

test('a long label is cut, and two of one beginning stay apart', () => {
  const long = 'x'.repeat(300);
  const { expansion } = expanded(
    specOf({
      steps: [stepOf('run', { cmd: '$(P)' })],
      parameters: [parameterOf('P', [`${long}1`, `${long}2`])],
    }),
  );
  for (const workspace of expansion.workspaces)
    assert.equal(workspace.length, 'run/'.length + MAX_NAME_BYTES);
  assert.notEqual(expansion.workspaces[0], expansion.workspaces[1]);
});

// With an edge for each of the ten thousand million pairs this would not end.
test('a funnel of many on many costs no edges', () => {
  const values = Array.from({ length: 100_000 }, (_, index) => `${index}`);
  const { expansion } = expanded(
    specOf({
      steps: [
        stepOf('first', { cmd: '$(P)' }),
        stepOf('second', { cmd: '$(P)', depends: ['first_*'] }),
        stepOf('third', { cmd: '$(P)', depends: ['second_*', 'first'] }),
      ],
      parameters: [parameterOf('P', values)],
    }),
  );
  assert.equal(expansion.count, 300_000);
  assert.equal(expansion.parents.length, 100_000);
});

test('a chain longer than the call stack is deep', () => {
  const length = 20_000;
  const chain = Array.from({ length }, (_, index) =>
    stepOf(
      `s${index}`,
      index === 0 ? {} : { cmd: `ls $(s${index - 1}.workspace)`, depends: [`s${index - 1}`] },
    ),
  );
  const { expansion } = expanded(specOf({ steps: chain.reverse() }));
  assert.deepEqual(expansion.names.slice(0, 2), ['s0', 's1']);
  assert.equal(expansion.names.at(-1), `s${length - 1}`);
});
