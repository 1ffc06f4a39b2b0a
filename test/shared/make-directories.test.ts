import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectories } from '../../src/shared/make-directories.ts';

test('makes what is missing, answers it, and leaves what is there', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'maestro-directories-'));
  t.after(() => rmSync(root, { recursive: true }));
  const [one, two, three] = [join(root, 'one'), join(root, 'one/two'), join(root, 'one/two/three')];
  assert.deepEqual(makeDirectories(two, 0o700), [one, two]);
  assert.equal(statSync(one).mode & 0o777, 0o700);
  assert.deepEqual(makeDirectories(three), [three]);
  assert.deepEqual(makeDirectories(three), []);
  assert.deepEqual(makeDirectories(root), []);
});

test('says why a directory cannot be made, where its parent takes none', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'maestro-directories-'));
  t.after(() => rmSync(root, { recursive: true }));
  const file = join(root, 'file');
  writeFileSync(file, '');
  assert.throws(() => makeDirectories('/proc/none/below'), { code: 'ENOENT', path: '/proc/none' });
  assert.throws(() => makeDirectories(file), { code: 'EEXIST' });
  assert.throws(() => makeDirectories(join(file, 'below')), { code: 'ENOTDIR' });
});
