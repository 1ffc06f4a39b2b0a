import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, trackedFiles } from './tracked-files.ts';

const page = textOf('docs/reliability.md');
const named = new Set([...page.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file!));
const tests = trackedFiles().filter((file) => /^test\/.*\.test\.ts$/.test(file));

test('every test that docs/reliability.md names is there', () => {
  assert.deepEqual(
    [...named].filter((file) => !tests.includes(file)),
    [],
  );
});

test('every promise of docs/reliability.md names its test', () => {
  const promises = page.split('\n').filter((line) => line.startsWith('| **'));
  assert.ok(promises.length > 0);
  assert.deepEqual(
    promises.filter((line) => !/`test\/[^`]+\.test\.ts`/.test(line)),
    [],
  );
});

test('every test of real faults stands for a promise', () => {
  const faults = tests.filter((file) => file.startsWith('test/faults/'));
  assert.ok(faults.length > 0);
  assert.deepEqual(
    faults.filter((file) => !named.has(file)),
    [],
  );
});
