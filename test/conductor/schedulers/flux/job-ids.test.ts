import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalId, jobAddress, jobText } from '../../../../src/conductor/schedulers/flux/job-ids.ts';
import { f58 } from '../../../fakes/cluster/flux-ids.ts';
import { recorded } from './recorded.ts';

test('all forms that a submit command prints are the same id', () => {
  const forms = new Map(
    recorded('32-job-id')
      .stdout.trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  for (const form of ['dec', 'f58', 'f58plain'])
    assert.equal(decimalId(forms.get(form)!), '3596229804032', form);
  for (const form of ['hex', 'dothex', 'kvs', 'words'])
    assert.equal(decimalId(forms.get(form)!), undefined, form);
});

test('every id is read back from its short form', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom('f', 'ƒ'), (id, prefix) => {
      assert.equal(decimalId(f58(id.toString(), prefix)), id.toString());
    }),
  );
});

test('what is no id names no job', () => {
  for (const text of ['', 'unknown', '12_3', 'f0', 'ƒl', '-1', 'f1234 ', '99999992_3']) {
    assert.equal(jobAddress(text), undefined, text);
  }
});

test('a job is remembered with its instance where nothing else would tell it', () => {
  const uris = fc.option(fc.webUrl(), { nil: undefined });
  fc.assert(
    fc.property(fc.nat().map(String), uris, (id, uri) => {
      assert.deepEqual(jobAddress(jobText({ id, uri })), { id, uri });
    }),
  );
  assert.deepEqual(jobAddress('ƒ2dU5WkyV@ssh://host/run/user@1'), {
    id: '3596229804032',
    uri: 'ssh://host/run/user@1',
  });
});
