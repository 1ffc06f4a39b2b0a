import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePlace, type Outcome, type Place } from '../e2e/harness.ts';

const BAD = fileURLToPath(new URL('../fixtures/golden-bad/', import.meta.url));

interface Expected {
  readonly ok: boolean;
  readonly line?: number;
}

const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(join(BAD, 'expected.json'), 'utf8'),
);

/** A specification in a place of its own, and all that stands in that place. */
function lay(t: TestContext, name: string): Place {
  const place = makePlace(t, 'place');
  cpSync(join(BAD, name), place.path(name));
  const text = readFileSync(place.path(name), 'utf8');
  if (text.includes('@GIT@')) writeFileSync(place.path(name), text.replaceAll('@GIT@', place.path('no.git')));
  return place;
}

/** Every line of an error says where, in the file's own name, what, and the mend. */
function errorLines({ stderr }: Outcome, name: string): number[] {
  const lines = stderr.trimEnd().split('\n');
  return lines.flatMap((line) => {
    const match = /^(?<file>[^:]+):(?<line>\d+):(?<column>\d+): (?<warning>warning: )?.+; .+$/.exec(line);
    assert.ok(match?.groups, `no diagnostic: ${line}`);
    assert.equal(match.groups.file, name);
    assert.ok(Number(match.groups.column) >= 1);
    return match.groups.warning === undefined ? [Number(match.groups.line)] : [];
  });
}

function assertRefused(outcome: Outcome, name: string): void {
  const { line } = expected[name]!;
  assert.equal(outcome.code, 1, outcome.stderr);
  assert.equal(outcome.stdout, '');
  assert.doesNotMatch(outcome.stderr, /\n\s+at |\bbug\b|Error:/);
  const lines = errorLines(outcome, name);
  assert.ok(lines.length > 0);
  if (line !== undefined) assert.deepEqual([...new Set(lines)], [line]);
}

test('every wrong specification is expected to be something', () => {
  const files = readdirSync(BAD).filter((file) => file.endsWith('.yaml'));
  assert.deepEqual(files.sort(), Object.keys(expected).sort());
});

describe('wrong specifications', { concurrency: 2 }, () => {
  for (const [name, { ok }] of Object.entries(expected)) {
    if (ok) continue;
    test(`${name} is refused, and nothing is left behind`, async (t) => {
      const place = lay(t, name);
      assertRefused(await place.maestro(['validate', name]), name);
      assertRefused(await place.maestro(['run', '-y', name]), name);
      assert.deepEqual(readdirSync(place.directory), [name]);
      assert.deepEqual(readdirSync(join(place.directory, '..')), ['place']);
    });
  }
});

describe('specifications that only look wrong', { concurrency: 2 }, () => {
  for (const [name, { ok }] of Object.entries(expected)) {
    if (!ok) continue;
    test(`${name} is taken`, async (t) => {
      const place = lay(t, name);
      const validated = await place.maestro(['validate', name]);
      assert.equal(validated.code, 0, validated.stderr);
      assert.match(validated.stdout, /: \d+ steps?, no errors\n$/);
      // Scripts for another scheduler are written; there is none here that would run them.
      const how = /type: (?:slurm|lsf)/.test(readFileSync(place.path(name), 'utf8')) ? '--dry' : '-fg';
      const run = await place.maestro(['run', '-y', how, '-o', 'out', name]);
      assert.equal(run.code, 0, run.stderr);
      for (const { stderr } of [validated, run]) {
        if (stderr !== '') assert.deepEqual(errorLines({ code: 0, stdout: '', stderr }, name), []);
      }
    });
  }
});
