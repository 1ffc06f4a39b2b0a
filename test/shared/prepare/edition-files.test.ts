import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Files, systemFiles } from '../../../src/shared/files.ts';
import { settleEdition, stageEdition } from '../../../src/shared/prepare/edition-files.ts';

/** A study directory of edition 1, with edition 2 staged. */
function staged(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-edition-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const below of ['.maestro', 'meta', 'step']) mkdirSync(join(directory, below));
  writeFileSync(join(directory, 'study.yaml'), 'old');
  writeFileSync(join(directory, 'meta', 'facts'), 'old facts');
  writeFileSync(join(directory, 'step', 'result'), 'a result');
  const files = [
    { path: 'study.yaml', pieces: ['n', 'ew'] },
    { path: 'meta/facts', pieces: ['new facts'] },
  ];
  stageEdition(directory, 2, files, [
    [join(directory, 'study.yaml'), join(directory, 'study.yaml.1')],
    [join(directory, 'step'), join(directory, '_removed', 'step')],
    [join(directory, 'never'), join(directory, 'never.1')],
  ]);
  return directory;
}

/** All files below a directory, with their texts. */
function filesIn(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]),
  );
}

const OLD = { 'meta/facts': 'old facts', 'step/result': 'a result', 'study.yaml': 'old' };
const NEW = {
  '_removed/step/result': 'a result',
  'meta/facts': 'new facts',
  'study.yaml': 'new',
  'study.yaml.1': 'old',
};

/** The system's files, until as many changes were made as are given: then it throws, as a process that dies. */
function mortal(changes: number): Files {
  let left = changes;
  const change = <Values extends unknown[]>(act: (...values: Values) => void) => {
    return (...values: Values): void => {
      if (left === 0) throw new Error('killed');
      left--;
      act(...values);
    };
  };
  const { rename, remove, makeDirectory } = systemFiles;
  return {
    ...systemFiles,
    rename: change(rename),
    remove: change(remove),
    makeDirectory: change(makeDirectory),
  };
}

test('what is staged changes nothing until the store has its edition', (t) => {
  const directory = staged(t);
  settleEdition(directory, 1);
  assert.deepEqual(filesIn(directory), OLD);
  assert.deepEqual(readdirSync(join(directory, '.maestro')), []);
});

test('once the store has it, all of it takes its place', (t) => {
  const directory = staged(t);
  settleEdition(directory, 2);
  assert.deepEqual(filesIn(directory), NEW);
  assert.deepEqual(readdirSync(join(directory, '.maestro')), []);
  settleEdition(directory, 2);
  assert.deepEqual(filesIn(directory), NEW);
});

test('whoever dies at any change, the next one ends it', (t) => {
  let deaths = 0;
  for (let changes = 0; ; changes++) {
    const directory = staged(t);
    try {
      settleEdition(directory, 2, mortal(changes));
      break;
    } catch (error) {
      assert.equal((error as Error).message, 'killed');
      deaths++;
    }
    settleEdition(directory, 2);
    assert.deepEqual(filesIn(directory), NEW, `killed at change ${changes}`);
    assert.equal(existsSync(join(directory, '.maestro', 'edition-2')), false);
  }
  assert.ok(deaths >= 6, `only ${deaths} places to die at`);
});
