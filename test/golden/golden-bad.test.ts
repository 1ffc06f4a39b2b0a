import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Specifications in a place of their own. */
function lay(t: TestContext, names: readonly string[]): Place {
  const place = makePlace(t, 'place');
  for (const name of names) {
    const text = readFileSync(join(BAD, name), 'utf8');
    writeFileSync(place.path(name), text.replaceAll('@GIT@', place.path('no.git')));
  }
  return place;
}

/** Lines with errors, by file. Whatever is said names its place, what is wrong, and the mend. */
function errorLines({ stderr }: Outcome): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const text of stderr.split('\n').slice(0, -1)) {
    const match = /^(?<file>[^:]+):(?<line>\d+):(?<column>\d+): (?<warning>warning: )?.+; .+$/.exec(text);
    assert.ok(match?.groups, `no diagnostic: ${text}`);
    const { file, line, column, warning } = match.groups;
    assert.ok(Number(column) >= 1);
    if (warning === undefined) found.set(file!, (found.get(file!) ?? new Set()).add(Number(line)));
  }
  return found;
}

function assertRefused(outcome: Outcome, names: readonly string[]): void {
  assert.equal(outcome.code, 1, outcome.stderr);
  assert.equal(outcome.stdout, '');
  assert.doesNotMatch(outcome.stderr, /\n\s+at |\bbug\b|Error:/);
  const found = errorLines(outcome);
  assert.deepEqual([...found.keys()].sort(), [...names].sort());
  for (const name of names) {
    const { line } = expected[name]!;
    if (line !== undefined) assert.deepEqual([...found.get(name)!], [line], name);
  }
}

const wrong = Object.keys(expected).filter((name) => !expected[name]!.ok);
const sound = Object.keys(expected).filter((name) => expected[name]!.ok);

test('every wrong specification is expected to be something', () => {
  const files = readdirSync(BAD).filter((file) => file.endsWith('.yaml'));
  assert.deepEqual(files.sort(), Object.keys(expected).sort());
});

describe('wrong specifications', { concurrency: 2 }, () => {
  test('are refused by validate, all that it is given', async (t) => {
    const place = lay(t, wrong);
    assertRefused(await place.maestro(['validate', ...wrong]), wrong);
    assert.deepEqual(readdirSync(place.directory).sort(), [...wrong].sort());
  });

  for (const name of wrong) {
    test(`${name} is refused by run, and nothing is left behind`, async (t) => {
      const place = lay(t, [name]);
      assertRefused(await place.maestro(['run', '-y', name]), [name]);
      assert.deepEqual(readdirSync(place.directory), [name]);
      assert.deepEqual(readdirSync(join(place.directory, '..')), ['place']);
    });
  }
});

describe('specifications that only look wrong', { concurrency: 2 }, () => {
  test('are taken by validate', async (t) => {
    const outcome = await lay(t, sound).maestro(['validate', ...sound]);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.deepEqual([...errorLines(outcome).keys()], []);
    for (const name of sound)
      assert.match(outcome.stdout, new RegExp(`^${name}: \\d+ steps?, no errors$`, 'm'));
  });

  for (const name of sound) {
    test(`${name} is taken by run`, async (t) => {
      const place = lay(t, [name]);
      // Scripts for another scheduler are written; there is none here that would run them.
      const how = /type: (?:slurm|lsf)/.test(readFileSync(place.path(name), 'utf8')) ? '--dry' : '-fg';
      const run = await place.maestro(['run', '-y', how, '-o', 'out', name]);
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual([...errorLines(run).keys()], []);
    });
  }
});
