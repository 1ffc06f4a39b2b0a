import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import { checkImageName } from '../../../../src/orchestra/server/containers/images.ts';

for (const name of [
  'busybox',
  'busybox:1.36',
  'team/tool:1.2',
  'images.example.org:5000/a/b:c',
  'dir/tool',
]) {
  test(`${name} may be the name of an image`, () => checkImageName(name));
}

const bad = [
  '',
  '--privileged',
  '../x',
  'a/../b',
  'a//b',
  '/etc',
  'a b',
  'a$(id)',
  'dir:x',
  'oci:x',
  'docker-archive:x',
];
for (const name of [...bad, 'x'.repeat(256)]) {
  test(`${JSON.stringify(name.slice(0, 20))} may not`, () => {
    assert.throws(
      () => checkImageName(name),
      (error: Error) => error instanceof Refusal && error.code === 'bad-name',
    );
  });
}
