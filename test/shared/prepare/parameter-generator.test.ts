import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParameterGenerator, StudyEnvironment } from '../../../src/shared/prepare/parameter-generator.ts';

const valuesOf = (values: Iterable<unknown>) =>
  new ParameterGenerator().addParameter('A', values).added[0]?.values;

test('values become texts as Python prints them', () => {
  const printed: [value: unknown, text: string][] = [
    ['text', 'text'],
    [1, '1'],
    [-0.5, '-0.5'],
    [1e-5, '1e-05'],
    [1e15, '1000000000000000'],
    [1e16, '1e+16'],
    [1.5e22, '1.5e+22'],
    [2n ** 70n, '1180591620717411303424'],
    [Number.NaN, 'nan'],
    [-Number.POSITIVE_INFINITY, '-inf'],
    [true, 'True'],
    [false, 'False'],
    [null, 'None'],
    [["it's", 1.5, [null]], '["it\'s", 1.5, [None]]'],
    [{ k: 'v', n: { deep: true } }, "{'k': 'v', 'n': {'deep': True}}"],
    [new URL('http://host/x'), 'http://host/x'],
    [[new URL('http://host/x')], "['http://host/x']"],
  ];
  assert.deepEqual(
    valuesOf(printed.map(([value]) => value)),
    printed.map(([, text]) => text),
  );
});

test('values come from anything that can be iterated, but text', () => {
  assert.deepEqual(valuesOf(new Float64Array([0.5, 2])), ['0.5', '2']);
  assert.deepEqual(valuesOf(new Map([['a', 1]]).keys()), ['a']);
  assert.throws(() => valuesOf('abc'), /the values of parameter A are no list/);
  assert.throws(() => valuesOf(5 as unknown as []), /the values of parameter A are no list/);
  assert.throws(() => valuesOf(undefined as unknown as []), /the values of parameter A are no list/);
});

test('what cannot be a value is refused', () => {
  assert.throws(() => valuesOf([undefined]), /type undefined cannot be a parameter's value/);
  assert.throws(() => valuesOf([[() => 1]]), /type function cannot be a parameter's value/);
});

test('a parameter has one label for all values or one for each, and is added once', () => {
  const generator = new ParameterGenerator().addParameter('A', [1]).addParameter('B', [1], [7], 'the B');
  assert.deepEqual(
    generator.added.map(({ label, name }) => ({ label, name })),
    [
      { label: 'A.%%', name: 'A' },
      { label: ['7'], name: 'the B' },
    ],
  );
  assert.throws(() => generator.addParameter('A', [2]), /parameter A is added twice/);
  assert.throws(
    () => generator.addParameter('C', [1], 5 as unknown as string),
    /the labels of parameter C are no list/,
  );
});

test('a plain object is a generator too; nothing else is', () => {
  assert.equal(ParameterGenerator.from({ A: { values: [1] } })?.added[0]?.key, 'A');
  for (const other of [null, undefined, 1, [1], 'text'])
    assert.equal(ParameterGenerator.from(other), undefined);
  assert.throws(() => ParameterGenerator.from({ A: 5 }), /the values of parameter A are no list/);
});

test('the environment is found by name, numbers as numbers', () => {
  const environment = new StudyEnvironment([
    { kind: 'variable', name: 'N', value: '1e-07', isText: false },
    { kind: 'label', name: 'L', value: '007', isText: true },
  ]);
  assert.equal(environment.find('N')?.value, 1e-7);
  assert.equal(environment.find('L')?.value, '007');
  assert.equal(environment.find('M'), undefined);
});
