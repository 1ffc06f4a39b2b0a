import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readSecondaryDatasets } from '../../src/orchestra/secondary-datasets.ts';

const read = (text: string) => readSecondaryDatasets(text);

describe('secondary datasets', () => {
  it('are read in the quoting of Python and of JSON', () => {
    const datasets = { REF: 'user.ada.reference', '%CAL': 'user.ada.cal' };
    for (const text of [
      `{'REF':'user.ada.reference','%CAL':'user.ada.cal'}`,
      `{"REF": "user.ada.reference", "%CAL": "user.ada.cal"}`,
      ` { u'REF' :"user.ada.reference" ,\n '%CAL': 'user.ada.cal', } `,
      JSON.stringify(datasets, null, 2),
    ]) {
      assert.deepEqual(read(text), { ok: true, datasets }, text);
    }
  });

  it('may be none', () => {
    for (const text of ['', '  ', '{}', '{ }', 'None', 'null']) {
      assert.deepEqual(read(text), { ok: true, datasets: {} }, text);
    }
  });

  it('are never run: code is refused as any other text is', () => {
    for (const text of [
      `__import__('os').system('id')`,
      `{'A': __import__('os').system('id')}`,
      `{'A': 'x' for a in (1,)}`,
      `{'A': 'x'}; import os`,
      `{**{'A': 'x'}}`,
      `{'A': f'{1+1}'}`,
      `{'A': 'x' + 'y'}`,
      `{'A': ['x']}`,
      `{'A': {'B': 'x'}}`,
      `{1: 'x'}`,
      `['A']`,
      `{'A'}`,
      `{'A': }`,
      `{, 'A': 'x'}`,
      `{'A': 'x',, 'B': 'y'}`,
      `{'A': 'x' 'B': 'y'}`,
      `{'A': 'x`,
      `{'A': 'x'}}`,
      '{',
      '}',
      '{{',
    ]) {
      const reading = read(text);
      assert.ok(!reading.ok, text);
      assert.match(reading.problem, /must look like/);
    }
  });

  it('refuse words that mean something else, that no word is, or that stand for two', () => {
    for (const [text, problem] of [
      [`{'%IN': 'x'}`, /%IN cannot stand for a dataset/],
      [`{'OUT': 'x'}`, /OUT cannot stand/],
      [`{'a b': 'x'}`, /"a b" cannot stand/],
      [`{'': 'x'}`, /"" cannot stand/],
      [`{'$(id)': 'x'}`, /cannot stand/],
      [`{'A': 'x', 'A': 'y'}`, /"A" stands for two datasets/],
      [`{'__proto__': 'x', '__proto__': 'y'}`, /stands for two/],
    ] as const) {
      const reading = read(text);
      assert.ok(!reading.ok);
      assert.match(reading.problem, problem);
    }
  });

  it('take no word from the prototype of objects', () => {
    const reading = read(`{'__proto__': 'user.ada.x', 'constructor': 'user.ada.y'}`);
    assert.ok(reading.ok);
    assert.deepEqual(Object.keys(reading.datasets).sort(), ['__proto__', 'constructor']);
  });

  it('are read back from any JSON of them', () => {
    const key = fc.stringMatching(/^%?K[A-Za-z0-9_]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ unit: 'binary' })), (datasets) => {
        assert.deepEqual(read(JSON.stringify(datasets)), { ok: true, datasets: { ...datasets } });
      }),
    );
  });

  it('are answered whatever the text', () => {
    const piece = fc.constantFrom('{', '}', "'", '"', ':', ',', '\\', 'A', '%', ' ', '\n', 'u', '\\u00');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          assert.equal(typeof read(text).ok, 'boolean');
        },
      ),
    );
    assert.ok(!read(`{${"'A'".repeat(100_000)}`).ok);
  });
});
