import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { studyDirectoryName, studyFileName } from '../../../src/shared/prepare/naming.ts';

const NOON = new Date(2026, 0, 2, 12, 3, 4);

test('a study directory is named after the study and the local time', () => {
  assert.equal(studyDirectoryName('heat', NOON), 'heat_20260102-120304');
});

test('spaces become _, what is unsafe in a path is dropped', () => {
  assert.equal(studyDirectoryName('my study: a/b (v1.2)', NOON), 'my_study_ab_(v1.2)_20260102-120304');
  assert.equal(studyFileName('my study: a/b'), 'my_study_ab');
});

test('whatever the study is called, its directory is one part of a path that a file system takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const directory = studyDirectoryName(name, NOON);
      assert.match(directory, /^[-_.()A-Za-z0-9]{17,255}$/);
      assert.notEqual(studyFileName(name), '');
    }),
  );
});
