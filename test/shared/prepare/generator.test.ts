import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { UserError } from '../../../src/shared/errors.ts';
import { generateParameters } from '../../../src/shared/prepare/generator.ts';
import type { Specification } from '../../../src/shared/spec/specification.ts';

let directory: string;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-generator-')));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const specification: Specification = {
  file: '/specs/study.yaml',
  text: '',
  name: 'study',
  description: 'a study',
  environment: [
    { name: 'COUNT', value: '3', block: 'variables', isText: false },
    { name: 'SCALE', value: '1e-07', block: 'variables', isText: false },
    { name: 'CODE', value: '007', block: 'variables', isText: true },
    { name: 'OUT', value: '$(OUTPUT_PATH)/out', block: 'labels', isText: true },
  ],
  dependencies: [
    { kind: 'path', name: 'MESH', path: '/meshes/wing' },
    { kind: 'git', name: 'LIB', path: '/libs', url: 'git@host:lib', ref: { kind: 'tag', name: 'v1' } },
  ],
  batch: { type: 'local', shell: '/bin/bash', args: {} },
  steps: [],
  parameters: [],
  locate: () => ({ file: '/specs/study.yaml', line: 1, column: 1 }),
};

interface Given {
  readonly pargs?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Writes a generator and lets it give its parameters. */
function generate(name: string, source: string, { pargs = [], signal }: Given = {}) {
  writeFileSync(join(directory, name), source);
  return generateParameters({
    file: name,
    pargs,
    outputPath: '/studies/one',
    specRoot: '/specs',
    specification,
    cwd: directory,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The one line that a user would see. */
async function complaint(name: string, source: string, given: Given = {}): Promise<string> {
  try {
    await generate(name, source, given);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.line.replaceAll(`${directory}/`, '');
  }
  return assert.fail('the generator was accepted');
}

const PYTHON = 'from maestrowf.datastructures.core import ParameterGenerator\n';
const TYPESCRIPT = "import { ParameterGenerator } from 'maestro-conductor';\n";

describe('a generator in Python', () => {
  test('runs unchanged: --pargs, list labels, default labels, names, floats as Python prints them', async () => {
    const source = `${PYTHON}
def get_custom_generator(env, **kwargs):
    n = int(kwargs.get("count", "2"))
    scale = float(kwargs.get("scale", "1"))
    g = ParameterGenerator()
    g.add_parameter("SITE", ["north", "south", "west"][:n])
    g.add_parameter("DOSE", [scale * (i + 1) for i in range(n)], ["d-%d" % i for i in range(n)], "Dose level")
    g.add_parameter("EXACT", [True, None, 1e-7], "%%_%%")
    return g
`;
    assert.deepEqual(await generate('g.py', source, { pargs: ['count:3', ' scale : 0.5 '] }), [
      {
        key: 'SITE',
        name: 'SITE',
        values: ['north', 'south', 'west'],
        labels: ['SITE.north', 'SITE.south', 'SITE.west'],
      },
      { key: 'DOSE', name: 'Dose level', values: ['0.5', '1.0', '1.5'], labels: ['d-0', 'd-1', 'd-2'] },
      {
        key: 'EXACT',
        name: 'EXACT',
        values: ['True', 'None', '1e-07'],
        labels: ['True_True', 'None_None', '1e-07_1e-07'],
      },
    ]);
  });

  test('finds the environment: numbers as numbers, text as it stands, dependencies, places', async () => {
    const source = `${PYTHON}
def get_custom_generator(env, **kwargs):
    g = ParameterGenerator()
    lib = env.find("LIB")
    g.add_parameter("SEEN", [
        env.find("COUNT").value + 1,
        env.find("SCALE").value * 10,
        env.find("CODE").value,
        env.find("OUT").value,
        env.find("MESH").path,
        "%s %s %s" % (lib.url, lib.tag, lib.path),
        env.find("OUTPUT_PATH").value == kwargs["OUTPUT_PATH"],
        env.find("SPECROOT").value,
        env.find("NOTHING"),
    ])
    return g
`;
    const [seen] = await generate('g.py', source);
    assert.deepEqual(seen?.values, [
      '4',
      '1e-06',
      '007',
      '$(OUTPUT_PATH)/out',
      '/meshes/wing',
      'git@host:lib v1 /libs',
      'True',
      '/specs',
      'None',
    ]);
  });

  test('may take values from any sequence, look at what it has, and give a label token of its own', async () => {
    const source = `${PYTHON}
def get_custom_generator(env, **kwargs):
    g = ParameterGenerator(ltoken="@")
    assert not g
    g.add_parameter("A", range(2), "a@")
    g.add_parameter("B", (x * x for x in (3, 4)))
    assert g and g.length == 2 and list(g.parameters) == ["A", "B"] and g.names["B"] == "B"
    return g
`;
    const [a, b] = await generate('g.py', source);
    assert.deepEqual(a?.labels, ['a0', 'a1']);
    assert.deepEqual(b?.labels, ['B.9', 'B.16']);
  });

  test('prints, and reads standard input, without harm to its answer', async () => {
    const source = `${PYTHON}
import os, subprocess, sys
def get_custom_generator(env, **kwargs):
    print('{"parameters": []}')
    subprocess.check_call(["echo", "from a process of its own"])
    os.write(1, b"raw\\n")
    assert sys.stdin.read() == ""
    g = ParameterGenerator()
    g.add_parameter("A", [1])
    return g
`;
    assert.equal((await generate('g.py', source)).length, 1);
  });

  test('imports what lies beside it, and leaves no compiled files there', async () => {
    writeFileSync(join(directory, 'beside.py'), 'VALUES = [1, 2]\n');
    const source = `${PYTHON}
import beside
def get_custom_generator(env, **kwargs):
    g = ParameterGenerator()
    g.add_parameter("A", beside.VALUES)
    return g
`;
    assert.deepEqual((await generate('g.py', source))[0]?.values, ['1', '2']);
    assert.deepEqual(readdirSync(directory).sort(), ['beside.py', 'g.py']);
  });

  test("runs in the caller's directory with the caller's PYTHONPATH behind ours", async (t) => {
    const extra = join(directory, 'extra');
    mkdirSync(join(extra, 'maestrowf'), { recursive: true });
    writeFileSync(join(extra, 'maestrowf', '__init__.py'), 'raise RuntimeError("the wrong one")\n');
    writeFileSync(join(extra, 'mine.py'), 'A = 5\n');
    const before = process.env.PYTHONPATH;
    process.env.PYTHONPATH = [extra, before ?? ''].filter(Boolean).join(delimiter);
    t.after(() => {
      if (before === undefined) delete process.env.PYTHONPATH;
      else process.env.PYTHONPATH = before;
    });
    const source = `${PYTHON}
import mine, os
def get_custom_generator(env, **kwargs):
    g = ParameterGenerator()
    g.add_parameter("A", [mine.A, os.getcwd()])
    return g
`;
    assert.deepEqual((await generate('g.py', source))[0]?.values, ['5', directory]);
  });

  test('that raises is shown by its own lines alone, the innermost first and last', async () => {
    const source = `${PYTHON}
def count(text):
    return int(text)

def get_custom_generator(env, **kwargs):
    return count("three")
`;
    assert.equal(
      await complaint('g.py', source),
      "g.py:4:1: the generator failed: ValueError: invalid literal for int() with base 10: 'three'\n" +
        '    g.py:7: return count("three")\n' +
        '    g.py:4: return int(text)',
    );
  });

  test('that cannot be read is shown where Python stumbles', async () => {
    assert.match(
      await complaint('g.py', 'def f():\n    return (1,\n  x = = 2\n'),
      /^g\.py:[23]:1: .*SyntaxError/,
    );
  });

  test('that lacks a module, or ends early, says so', async () => {
    assert.match(
      await complaint('g.py', '\nimport nothing_of_that_name\n'),
      /^g\.py:2:1: .*ModuleNotFoundError/,
    );
    assert.match(await complaint('g.py', 'import sys\nsys.exit(4)\n'), /^g\.py:2:1: .*SystemExit: 4/);
    assert.match(await complaint('g.py', 'import os\nos._exit(4)\n'), /^g\.py:1:1: .*exited with 4 without/);
    assert.match(
      await complaint('g.py', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n'),
      /^g\.py:1:1: .*ended by SIGKILL/,
    );
  });

  test('without the function is asked for it, by the name that it nearly has', async () => {
    assert.match(
      await complaint('g.py', 'def get_custm_generator(env, **kwargs):\n    pass\n'),
      /no function get_custom_generator; did you mean 'get_custm_generator'\?/,
    );
    assert.match(await complaint('g.py', 'x = 1\n'), /no function get_custom_generator; define/);
  });

  test('that returns something else is told what', async () => {
    assert.match(
      await complaint('g.py', '\ndef get_custom_generator(env, **kwargs):\n    pass\n'),
      /^g\.py:2:1: the generator returns no ParameterGenerator \(but NoneType\)/,
    );
  });

  test('runs where python3 is, and is told where it is not', async (t) => {
    const path = process.env.PATH;
    t.after(() => {
      process.env.PATH = path;
    });
    process.env.PATH = directory;
    assert.match(await complaint('g.py', ''), /^g\.py: python3 is not on the PATH.*; install Python 3/);
  });

  test('ends when its run is given up', async () => {
    const given = new AbortController();
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const generated = generate('g.py', `open(${JSON.stringify(pipe)}).read()\n`, { signal: given.signal });
    // A pipe can be opened for writing once somebody reads it: the generator runs, and will not end by itself.
    const writer = await open(pipe, 'w');
    given.abort(new UserError('given up'));
    await assert.rejects(generated, /given up/);
    await writer.close();
  });
});

describe('a generator in JavaScript or TypeScript', () => {
  test('gives texts as Python would print them', async () => {
    const source = `${TYPESCRIPT}
interface Row { readonly site: string; readonly dose: number }

export async function getCustomGenerator(env, kwargs: Record<string, string>): Promise<ParameterGenerator> {
  const rows: Row[] = ['north', 'south'].map((site, i) => ({ site, dose: Number(kwargs.scale) * (i + 1) }));
  return new ParameterGenerator()
    .addParameter('SITE', rows.map((row) => row.site))
    .addParameter('DOSE', rows.map((row) => row.dose), ['d-0', 'd-1'], 'Dose level')
    .addParameter('LIST', [[true, null, 'a b'], { k: 1e-7 }], 'l%%');
}
`;
    assert.deepEqual(await generate('g.ts', source, { pargs: ['scale:0.5'] }), [
      { key: 'SITE', name: 'SITE', values: ['north', 'south'], labels: ['SITE.north', 'SITE.south'] },
      { key: 'DOSE', name: 'Dose level', values: ['0.5', '1'], labels: ['d-0', 'd-1'] },
      {
        key: 'LIST',
        name: 'LIST',
        values: ["[True, None, 'a b']", "{'k': 1e-07}"],
        labels: ["l[True, None, 'a b']", "l{'k': 1e-07}"],
      },
    ]);
  });

  test('finds the environment as one in Python does', async () => {
    const source = `export default (env, kwargs) => ({
      SEEN: {
        values: [
          env.find('COUNT').value + 1,
          env.find('CODE').value,
          env.find('MESH').value,
          env.find('LIB').value,
          env.find('OUTPUT_PATH').value === kwargs.OUTPUT_PATH,
          env.find('NOTHING')?.value ?? null,
        ],
      },
    });`;
    const [seen] = await generate('g.mjs', source);
    assert.deepEqual(seen?.values, ['4', '007', '/meshes/wing', 'git@host:lib', 'True', 'None']);
  });

  const forms = {
    'g.mjs': 'export const get_custom_generator = () => ({ A: { values: new Set([1, 2]), label: "%%" } });',
    'g.cjs': 'exports.getCustomGenerator = () => ({ A: { values: [1, 2], label: ["1", "2"] } });',
    'g.js':
      "const { ParameterGenerator } = require('maestro-conductor');\n" +
      'module.exports = () => new ParameterGenerator().addParameter("A", [1, 2], "%%");',
    'g.mts': 'export default function (): object { return { A: { values: [1, 2], label: "%%" } }; }',
  };
  for (const [name, source] of Object.entries(forms)) {
    test(`may be written as ${name}`, async () => {
      const a = { key: 'A', name: 'A', values: ['1', '2'], labels: ['1', '2'] };
      assert.deepEqual(await generate(name, source), [a]);
    });
  }

  test('imports what lies beside it, prints, and leaves nothing behind', async () => {
    writeFileSync(join(directory, 'beside.ts'), 'export const values: number[] = [1, 2];\n');
    const source = `
import { createServer } from 'node:net';
import { values } from './beside.ts';
console.log('{"parameters": []}');
createServer().listen(0, '127.0.0.1');
export default () => ({ A: { values } });
`;
    assert.deepEqual((await generate('g.ts', source))[0]?.values, ['1', '2']);
    assert.deepEqual(readdirSync(directory).sort(), ['beside.ts', 'g.ts']);
  });

  test('that throws is shown by its own lines alone', async () => {
    const source = `${TYPESCRIPT}
type Text = string;

function count(text: Text): number {
  throw new RangeError(\`\${text} is no count\`);
}

export function getCustomGenerator() {
  const n = count('three');
  return new ParameterGenerator().addParameter('A', [n]);
}
`;
    assert.equal(
      await complaint('g.ts', source),
      'g.ts:6:1: the generator failed: RangeError: three is no count\n' +
        "    g.ts:10: const n = count('three');\n" +
        '    g.ts:6: throw new RangeError(`${text} is no count`);',
    );
  });

  test('that cannot be compiled is shown where', async () => {
    assert.match(await complaint('g.ts', 'const a = 1;\nconst b = = 2;\n'), /^g\.ts:2:1: .*SyntaxError/);
  });

  test('without the function, or with another answer, says so', async () => {
    assert.match(
      await complaint('g.ts', 'export const getCustomGenerater = () => 1;'),
      /no function getCustomGenerator; did you mean 'getCustomGenerater'\?/,
    );
    assert.match(await complaint('g.ts', 'export default () => [1];'), /no ParameterGenerator \(but array\)/);
    assert.match(await complaint('g.ts', 'process.exit(3);'), /exited with 3 without giving/);
    assert.match(
      await complaint('g.ts', 'export default () => { throw "words"; };'),
      /failed: words was thrown/,
    );
  });

  test('is shown the line of a call that cannot be', async () => {
    const source = `${TYPESCRIPT}\nexport default () =>\n  new ParameterGenerator().addParameter('A', 'abc');\n`;
    assert.match(await complaint('g.ts', source), /^g\.ts:4:1: .*the values of parameter A are no list/);
  });
});

describe('whatever its language, a generator is refused', () => {
  const refused: Record<string, [body: string, said: RegExp]> = {
    'without parameters': ['pass', /^g\.py:1:1: the generator adds no parameter/],
    'with no values': ['g.add_parameter("A", [])', /^g\.py:5:1: parameter A has no values/],
    'with lists of different lengths': [
      'g.add_parameter("A", [1, 2])\n    g.add_parameter("B", [1])',
      /^g\.py:6:1: parameter B has 1 values, A has 2; /,
    ],
    'with a label too few': [
      'g.add_parameter("A", [1, 2], ["a"])',
      /^g\.py:5:1: parameter A has 2 values and 1 labels/,
    ],
    'with one label for two values': [
      'g.add_parameter("A", [1, 2], ["a", "a"])',
      /^g\.py:5:1: .*label "a" for two values, 1 and 2; /,
    ],
    'with the name of a variable': [
      'g.add_parameter("COUNT", [1])',
      /^g\.py:5:1: .*COUNT has the name of an entry of env/,
    ],
    'with the name of a dependency': ['g.add_parameter("LIB", [1])', /LIB has the name of an entry of env/],
    'with the name of a place': ['g.add_parameter("SPECROOT", [1])', /SPECROOT has the name of an entry/],
    'with a name that no token can have': [
      'g.add_parameter("A)", [1])',
      /"A\)" cannot be a parameter's name/,
    ],
  };
  for (const [what, [body, said]] of Object.entries(refused)) {
    test(what, async () => {
      const source = `${PYTHON}
def get_custom_generator(env, **kwargs):
    g = ParameterGenerator()
    ${body}
    return g
`;
      assert.match(await complaint('g.py', source), said);
    });
  }

  test('the same in TypeScript', async () => {
    const source = `${TYPESCRIPT}export default () => {
  const g = new ParameterGenerator();
  g.addParameter('A', [1, 2]);
  g.addParameter('B', [1]);
  return g;
};
`;
    assert.match(await complaint('g.ts', source), /^g\.ts:5:1: parameter B has 1 values, A has 2; /);
  });

  test('but a label may come again with its value', async () => {
    const source = "export default () => ({ A: { values: [1, 1, 2], label: ['one', 'one', 'two'] } });";
    assert.deepEqual((await generate('g.ts', source))[0]?.labels, ['one', 'one', 'two']);
  });

  test('a label takes any value for its %%, dollars included', async () => {
    const source = "export default () => ({ A: { values: ['$&', '%%'], label: '%%-%%' } });";
    assert.deepEqual((await generate('g.ts', source))[0]?.labels, ['$&-$&', '%%-%%']);
  });

  test('a generator that is not there, or in no known language', async () => {
    const run = { pargs: [], outputPath: '/o', specRoot: '/s', specification, cwd: directory };
    await assert.rejects(
      generateParameters({ ...run, file: 'none.py' }),
      /none\.py: there is no such generator/,
    );
    await assert.rejects(generateParameters({ ...run, file: '.' }), /there is no such generator/);
    assert.match(await complaint('g.rb', ''), /known by its extension; name it \.py, \.js/);
  });

  test('--pargs without a colon or a key', async () => {
    assert.match(
      await complaint('g.py', '', { pargs: ['count=3'] }),
      /--pargs count=3 is not KEY:VALUE; write/,
    );
    assert.match(await complaint('g.py', '', { pargs: [':3'] }), /--pargs :3 is not KEY:VALUE/);
  });
});
