import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pythonText } from '../../../src/shared/spec/python-text.ts';
import { readPlainScalar } from '../../../src/shared/spec/scalars.ts';

const printed = (source: string): string => pythonText({ ...readPlainScalar(source), source });

const kindOf = (source: string): string => readPlainScalar(source).kind;

describe('a plain scalar', () => {
  const readings: Record<string, readonly [kind: string, text: string]> = {
    '1:30:00': ['integer', '5400'],
    '-1:30': ['integer', '-90'],
    '01:30:00': ['text', '01:30:00'],
    '1:60': ['text', '1:60'],
    '0:30.5': ['float', '30.5'],
    '010': ['integer', '8'],
    '08': ['text', '08'],
    '0o17': ['text', '0o17'],
    '0x1F': ['integer', '31'],
    '0b101': ['integer', '5'],
    '0b_': ['text', '0b_'],
    '1_000': ['integer', '1000'],
    '+12': ['integer', '12'],
    '123456789012345678901234567890': ['integer', '123456789012345678901234567890'],
    '1e3': ['text', '1e3'],
    '1.0e3': ['text', '1.0e3'],
    '1.0e+3': ['float', '1000.0'],
    '0.10': ['float', '0.1'],
    '1.': ['float', '1.0'],
    '.5': ['float', '0.5'],
    '-.5': ['text', '-.5'],
    '-0.0': ['float', '-0.0'],
    '.inf': ['float', 'inf'],
    '-.INF': ['float', '-inf'],
    '.NaN': ['float', 'nan'],
    inf: ['text', 'inf'],
    yes: ['boolean', 'True'],
    no: ['boolean', 'False'],
    off: ['boolean', 'False'],
    y: ['text', 'y'],
    n: ['text', 'n'],
    nO: ['text', 'nO'],
    '': ['null', 'None'],
    '~': ['null', 'None'],
    Null: ['null', 'None'],
    none: ['text', 'none'],
    '2021-03-04': ['text', '2021-03-04'],
    '2021-03-04 10:20:30': ['text', '2021-03-04 10:20:30'],
    '=': ['text', '='],
  };
  for (const [source, [kind, text]] of Object.entries(readings)) {
    it(`'${source}' is ${kind} and prints as ${text}`, () => {
      assert.deepEqual([kindOf(source), printed(source)], [kind, text]);
    });
  }

  it('keeps all digits of an integer', () => {
    fc.assert(fc.property(fc.bigInt(), (value) => printed(value.toString()) === value.toString()));
  });

  it('reads back as the float that it prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = pythonText({ kind: 'float', value, source: '' });
        assert.match(text, /\.|e/);
        assert.ok(Object.is(Number(text), value));
      }),
    );
  });

  it('is text as it stands where it is nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (source) => {
        const value = readPlainScalar(source);
        return value.kind !== 'text' || value.text === source;
      }),
    );
  });
});
