import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createStore, STATE_DIRECTORY, storeFile } from '../../../src/shared/state/store.ts';
import { registeredStudies, registerStudy, registryDirectory } from '../../../src/shared/status/registry.ts';

let scratch: string;
let registry: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'maestro-registry-'));
  registry = join(scratch, 'state', 'maestro', 'studies');
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function makeStudy(...path: string[]): string {
  const directory = join(scratch, ...path);
  mkdirSync(join(directory, STATE_DIRECTORY), { recursive: true });
  createStore(storeFile(directory)).close();
  return directory;
}

const listed = (): string[] => registeredStudies(registry).map(({ name }) => name);

test('the registry stands below XDG_STATE_HOME, and a relative one does not count', () => {
  assert.equal(registryDirectory({ XDG_STATE_HOME: '/x' }), '/x/maestro/studies');
  const fallback = join(homedir(), '.local', 'state', 'maestro', 'studies');
  assert.equal(registryDirectory({}), fallback);
  assert.equal(registryDirectory({ XDG_STATE_HOME: 'x' }), fallback);
});

test('nothing is listed before anything was noted', () => {
  assert.deepEqual(listed(), []);
});

test('studies are listed newest first', () => {
  registerStudy(registry, { directory: makeStudy('a'), name: 'old', createdAt: 1 });
  registerStudy(registry, { directory: makeStudy('b'), name: 'new', createdAt: 2 });
  assert.deepEqual(listed(), ['new', 'old']);
});

test('a directory that is used again is listed once', () => {
  const directory = makeStudy('a');
  registerStudy(registry, { directory, name: 'first', createdAt: 1 });
  registerStudy(registry, { directory, name: 'second', createdAt: 2 });
  assert.deepEqual(listed(), ['second']);
});

test('a study that was removed is forgotten', () => {
  const directory = makeStudy('a');
  registerStudy(registry, { directory, name: 'gone', createdAt: 1 });
  rmSync(directory, { recursive: true });
  assert.deepEqual(listed(), []);
  assert.deepEqual(readdirSync(registry), []);
});

test('a study below a directory that is not there now is not listed, but kept', () => {
  const directory = makeStudy('disk', 'a');
  registerStudy(registry, { directory, name: 'away', createdAt: 1 });
  rmSync(join(scratch, 'disk'), { recursive: true });
  assert.deepEqual(listed(), []);
  makeStudy('disk', 'a');
  assert.deepEqual(listed(), ['away']);
});

test('what is no entry is left alone', () => {
  registerStudy(registry, { directory: makeStudy('a'), name: 'sound', createdAt: 1 });
  for (const [name, text] of [
    ['notes.txt', 'mine'],
    ['torn.json', '{"directory":'],
    ['null.json', 'null'],
    ['relative.json', '{"directory":"a","name":"n","createdAt":1}'],
  ] as const) {
    writeFileSync(join(registry, name), text);
  }
  assert.deepEqual(listed(), ['sound']);
  assert.equal(readdirSync(registry).length, 5);
});
