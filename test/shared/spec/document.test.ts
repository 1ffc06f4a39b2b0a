import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from '../../../src/shared/spec/document.ts';
import { pythonText } from '../../../src/shared/spec/python-text.ts';

/** A text as Python would print it, or what is wrong with it as `line:column message`. */
function read(yaml: string): string | string[] {
  const { tree, problems, position } = readDocument(yaml);
  if (problems.length === 0 && tree !== undefined) return pythonText(tree);
  return problems.map(({ offset, message }) => {
    const { line, column } = position(offset);
    return `${line}:${column} ${message}`;
  });
}

describe('anchors, aliases and merges', () => {
  it('an alias is what its anchor is', () => {
    assert.equal(read('a: &x [1, {b: 2}]\nc: *x\n'), "{'a': [1, {'b': 2}], 'c': [1, {'b': 2}]}");
  });

  it('the latest anchor of a name counts', () => {
    assert.equal(read('[&x 1, *x, &x 2, *x]'), '[1, 1, 2, 2]');
  });

  it('a key of its own overrides a merged one, wherever << stands', () => {
    assert.equal(read('- &x {a: 1, b: 2}\n- {b: 3, <<: *x}\n'), "[{'a': 1, 'b': 2}, {'a': 1, 'b': 3}]");
  });

  it('of several merged mappings the first wins, of several << the last', () => {
    const anchors = '- &x {a: x, b: x}\n- &y {a: y, c: y}\n';
    assert.equal(
      read(`${anchors}- <<: [*x, *y]\n`),
      "[{'a': 'x', 'b': 'x'}, {'a': 'y', 'c': 'y'}, {'a': 'x', 'c': 'y', 'b': 'x'}]",
    );
    assert.equal(
      read(`${anchors}- <<: *x\n  <<: *y\n`),
      "[{'a': 'x', 'b': 'x'}, {'a': 'y', 'c': 'y'}, {'a': 'y', 'b': 'x', 'c': 'y'}]",
    );
  });

  it('a quoted << is a key like any other', () => {
    assert.equal(read("{'<<': 1}"), "{'<<': 1}");
  });

  it('what is no mapping cannot be merged', () => {
    assert.deepEqual(read('a: {<<: 3}'), ['1:9 << merges mappings only']);
    assert.deepEqual(read('a: {<<: [{b: 1}, 2]}'), ['1:9 << merges mappings only']);
  });

  it('an alias needs an anchor above it, and not around it', () => {
    assert.deepEqual(read('a: *x\nb: &x 1\n'), ['1:4 the alias *x names no anchor']);
    assert.deepEqual(read('a: &x [1, *x]\n'), ['1:11 the alias *x stands inside its own anchor']);
  });

  it('aliases of aliases do not nest without end', () => {
    const levels = Array.from({ length: 120 }, (_, i) => `- &l${i + 1} [*l${i}]\n`);
    const found = read(`- &l0 []\n${levels.join('')}`);
    assert.match(String(found[0]), /^\d+:\d+ this is nested more than 100 levels deep$/);
  });

  it('aliases of aliases do not fill the memory', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]\n`);
    const found = read(`l0: &l0 [lol]\n${levels.join('')}`);
    assert.equal(found.length, 1);
    assert.match(String(found[0]), /^\d+:\d+ aliases up to here stand for more than 16 MiB$/);
  });
});

describe('keys', () => {
  it('are what is written', () => {
    const { tree } = readDocument('{010: a, no: b, 1e3: c, y: d, "q": e}');
    assert.ok(tree?.kind === 'mapping');
    assert.deepEqual([...tree.entries.keys()], ['010', 'no', '1e3', 'y', 'q']);
  });

  it('stand once in a mapping', () => {
    assert.deepEqual(read('a: 1\nb:\n  c: 1\n  "c": 2\na: 3\n'), [
      "4:3 'c' stands twice in one mapping, first on line 3",
      "5:1 'a' stands twice in one mapping, first on line 1",
    ]);
  });

  it('are names', () => {
    assert.deepEqual(read('? [a]\n: 1\n'), ['1:3 a list or mapping stands where a key should']);
    assert.deepEqual(read('{: 1}'), ["1:2 there is no key before this ':'"]);
  });
});

describe('tags', () => {
  it('of plain data say what is meant', () => {
    assert.equal(
      read('[!!str 5, !!int "5", !!float 5, !!bool "no", !!str , ! 010]'),
      "['5', 5, 5.0, False, '', 8]",
    );
    assert.equal(read('!!map {a: !!seq [1]}'), "{'a': [1]}");
  });

  it('that do not fit are refused', () => {
    assert.deepEqual(read('- !!int many\n'), ["1:9 'many' is no !!int"]);
    assert.deepEqual(read('- !!int 1.5\n'), ["1:9 '1.5' is no !!int"]);
  });

  it('that could run something are refused', () => {
    const tag = 'the tag !!python/object/apply:os.system is not allowed in a specification';
    assert.deepEqual(read("a: !!python/object/apply:os.system ['true']"), [`1:36 ${tag}`]);
    assert.deepEqual(read('a: !mine x'), ['1:10 the tag !mine is not allowed in a specification']);
    assert.deepEqual(read('a: !!set {x, y}'), ['1:10 the tag !!set is not allowed in a specification']);
  });
});

describe('what is no YAML', () => {
  const broken: Record<string, readonly string[]> = {
    '': ['1:1 the specification is empty'],
    '# only a comment\n': ['1:1 the specification is empty'],
    '---\n': ['1:1 the specification is empty'],
    'a: 1\n---\nb: 2\n': ['2:1 a second YAML document begins here'],
    'a:\n\tb: 1\n\tc: 1\n': ['2:1 a tab indents this line'],
    'a: [1, 2\nb: 3\n': ['2:1 a bracket or brace opened above is not closed'],
    'a: [x\n  b: {\n': ['3:1 a bracket or brace opened above is not closed'],
    'a: "x\nb: 1\n': ['3:1 a quote opened above is not closed'],
    'a: b: c\n': ["1:4 this value holds a second 'key: value'"],
    'a:\n  b: 1\n c: 2\n': ['3:1 this line is indented differently from its siblings'],
    'a: 1\nb\nc: 1\n': ["2:1 this key has no ':' after it"],
    'a: @x\n': ['1:4 text cannot begin with @ unless it is quoted'],
    'a: %x\n': ['1:4 text cannot begin with % unless it is quoted'],
    'a: "\\q"\n': ['1:5 text in double quotes holds an unknown escape'],
    'a: \u0007\n': ['1:4 the file holds the control character U+0007'],
    'a: "\\0"\n': ['1:4 this text holds a NUL character'],
  };
  for (const [yaml, problems] of Object.entries(broken)) {
    it(JSON.stringify(yaml), () => assert.deepEqual(read(yaml), problems));
  }

  it('is told of where it is nested too deeply', () => {
    for (const open of ['[', '{a: ', '- ']) {
      const [problem, ...others] = read(open.repeat(5000));
      assert.match(String(problem), /nested (too deeply|more than 100 levels deep)$/);
      assert.deepEqual(others, []);
    }
    assert.match(
      String(read('['.repeat(150) + ']'.repeat(150))),
      /^1:101 this is nested more than 100 levels deep$/,
    );
  });

  it('may begin with a byte order mark and end its lines as on Windows', () => {
    assert.equal(read('\ufeffa: |\r\n  b\r\n  c\r\n'), String.raw`{'a': 'b\nc\n'}`);
  });
});
