import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from '../../../src/shared/spec/document.ts';
import { floatText, pythonRepr, pythonText } from '../../../src/shared/spec/python-text.ts';

const printed = (yaml: string): string => pythonText(readDocument(yaml).tree!);

const quoted = (text: string): string => pythonRepr({ kind: 'text', text, source: text });

describe('values as Python prints them', () => {
  it('lists and mappings, with what is in them quoted', () => {
    assert.equal(printed('[a, b c, 1, 1.0, yes, ~]'), "['a', 'b c', 1, 1.0, True, None]");
    assert.equal(printed('{k: 1, 2: [], x: {}}'), "{'k': 1, 2: [], 'x': {}}");
    assert.equal(printed('[2021-03-04]'), "['2021-03-04']");
  });

  it('floats, with an exponent below 1e-4 and from 1e16 on', () => {
    const texts = new Map([
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [1.5e-10, '1.5e-10'],
      [123456.789, '123456.789'],
      [1234567890123456, '1234567890123456.0'],
      [12345678901234568, '1.2345678901234568e+16'],
      [1e16, '1e+16'],
      [1.5e22, '1.5e+22'],
      [1e300, '1e+300'],
      [0.1 + 0.2, '0.30000000000000004'],
      [5e-324, '5e-324'],
    ]);
    for (const [value, text] of texts) assert.equal(floatText(value), text);
  });

  it('text in the quotes that it needs fewer escapes in', () => {
    assert.equal(quoted("it's"), `"it's"`);
    assert.equal(quoted(`it's "so"`), `'it\\'s "so"'`);
    assert.equal(quoted('a\\b\tc\nd\r'), String.raw`'a\\b\tc\nd\r'`);
  });

  it('what cannot be seen by its code', () => {
    assert.equal(quoted('\u0007\u00a0'), String.raw`'\x07\xa0'`);
    assert.equal(quoted('\u2028\u200b'), String.raw`'\u2028\u200b'`);
    assert.equal(quoted('\u{e0001}'), String.raw`'\U000e0001'`);
    assert.equal(quoted('käse 中 😀'), "'käse 中 😀'");
  });
});
