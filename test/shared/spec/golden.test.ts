import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readSpecification } from '../../../src/shared/spec/read.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);

interface Expected {
  readonly ok: boolean;
  readonly line?: number;
}

/** Wrong only by what is on disk or in a launcher's brackets, which is not for the reading to know. */
const CHECKED_WHEN_PREPARED: ReadonlySet<string> = new Set([
  'b44_path_missing.yaml',
  'b46_git_unreachable.yaml',
  'b55_launcher_procs_over.yaml',
  'b56_launcher_total_over.yaml',
  'b58_launcher_twice_p.yaml',
  'b59_launcher_junk.yaml',
]);

/** The placeholder for a repository is no YAML as it stands. */
const fill = (text: string): string => text.replaceAll('@GIT@', '/srv/tiny.git');

describe('wrong specifications', () => {
  const directory = new URL('golden-bad/', fixtures);
  const expected: Record<string, Expected> = JSON.parse(
    readFileSync(new URL('expected.json', directory), 'utf8'),
  );

  it('are all expected to be something', () => {
    const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
    assert.deepEqual(files.sort(), Object.keys(expected).sort());
  });

  for (const [file, { ok, line }] of Object.entries(expected)) {
    const isSound = ok || CHECKED_WHEN_PREPARED.has(file);
    it(`${file} is ${isSound ? 'read' : `refused${line === undefined ? '' : ` at line ${line}`}`}`, () => {
      const { specification, diagnostics } = readSpecification(
        file,
        fill(readFileSync(new URL(file, directory), 'utf8')),
      );
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      assert.equal(specification !== undefined, isSound);
      assert.equal(errors.length === 0, isSound);
      if (isSound || line === undefined) return;
      assert.deepEqual([...new Set(errors.map(({ at }) => at.line))], [line]);
    });
  }
});

describe('sound specifications', () => {
  const directory = new URL('golden/', fixtures);
  for (const name of readdirSync(directory)) {
    it(`${name} is read`, () => {
      const text = fill(readFileSync(new URL(`${name}/spec.yaml`, directory), 'utf8'));
      const { specification, diagnostics } = readSpecification('spec.yaml', text);
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
      assert.equal(specification?.text, text);
    });
  }
});

describe('values of every kind', () => {
  it('become the texts that Python prints', () => {
    const file = new URL('golden/15_values/spec.yaml', fixtures);
    const { specification } = readSpecification('spec.yaml', readFileSync(file, 'utf8'));
    const [parameter] = specification?.parameters ?? [];
    const expected: { dry: { rows: { step: string }[] } } = JSON.parse(
      readFileSync(new URL('golden/15_values/expected.json', fixtures), 'utf8'),
    );
    const steps = new Set(parameter?.labels.map((label) => `see_${label}`));
    for (const { step } of expected.dry.rows) assert.ok(steps.has(step), step);
    assert.ok(steps.size >= expected.dry.rows.length);
  });
});
