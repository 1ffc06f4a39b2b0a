import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  batchInfo,
  environmentYaml,
  metadataYaml,
  metaFiles,
  parametersYaml,
} from '../../../src/shared/prepare/meta.ts';
import { writePieces } from '../../../src/shared/prepare/write-pieces.ts';
import { yamlKey, yamlText, yamlValue } from '../../../src/shared/prepare/yaml-text.ts';
import type { Parameter } from '../../../src/shared/spec/specification.ts';
import { expand } from '../../../src/shared/study/expand.ts';
import type { Study } from '../../../src/shared/study/study.ts';

const read = (pieces: Iterable<string>): unknown => parse([...pieces].join(''), { version: '1.1' });

const DOSE: Parameter = { key: 'DOSE', name: 'Dose', values: ['0.5', '1e-07'], labels: ['d-0', 'd-1'] };
const SITE: Parameter = {
  key: 'SITE',
  name: 'SITE',
  values: ['north', '010'],
  labels: ['SITE.north', 'SITE.010'],
};

const STUDY: Study = {
  name: 'trial',
  description: 'a trial',
  directory: '/studies/trial',
  batch: { type: 'local', shell: '/bin/bash', args: {} },
  steps: [
    {
      name: 'run: it',
      description: 'run',
      cmd: 'echo $(DOSE)',
      resources: {},
      parents: [],
      funnels: [],
      uses: [0],
      isScheduled: false,
    },
    {
      name: 'plot',
      description: 'plot',
      cmd: 'ls $(SITE)',
      resources: {},
      parents: [0],
      funnels: [],
      uses: [0, 1],
      isScheduled: false,
    },
    {
      name: 'all',
      description: 'all',
      cmd: 'ls',
      resources: {},
      parents: [],
      funnels: [0, 1],
      uses: [],
      isScheduled: false,
    },
  ],
  parameters: [DOSE, SITE],
  hashWorkspaces: false,
};

describe('meta/parameters.yaml', () => {
  test('has values and labels of each combination, numbers as numbers', () => {
    assert.deepEqual(read(parametersYaml([DOSE, SITE])), {
      'd-0.SITE.north': {
        labels: { '$(DOSE.label)': 'd-0', '$(SITE.label)': 'SITE.north' },
        params: { '$(DOSE)': 0.5, '$(SITE)': 'north' },
      },
      'd-1.SITE.010': {
        labels: { '$(DOSE.label)': 'd-1', '$(SITE.label)': 'SITE.010' },
        params: { '$(DOSE)': 1e-7, '$(SITE)': '010' },
      },
    });
  });

  test('has the first of the combinations with one name, and none without parameters', () => {
    const same = { ...SITE, labels: ['x', 'x'] };
    assert.deepEqual(read(parametersYaml([same])), {
      x: { labels: { '$(SITE.label)': 'x' }, params: { '$(SITE)': 'north' } },
    });
    assert.deepEqual(read(parametersYaml([])), {});
  });

  test('is a mapping however long the names of the combinations are', () => {
    const labels = ['x'.repeat(2000), 'short'];
    assert.deepEqual(Object.keys(read(parametersYaml([{ ...SITE, labels }])) as object), labels);
  });

  test('comes in few pieces', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => String(i));
    const pieces = [
      ...parametersYaml([{ key: 'N', name: 'N', values, labels: values.map((v) => `N.${v}`) }]),
    ];
    const length = pieces.join('').length;
    assert.ok(pieces.length <= Math.ceil(length / 65_536), `${pieces.length} pieces of ${length} characters`);
  });
});

test('meta/metadata.yaml tells how steps depend, what they use, what they become and where', () => {
  assert.deepEqual(read(metadataYaml(STUDY, expand(STUDY))), {
    dependencies: { 'run: it': [], plot: ['run: it'], all: [] },
    hub_dependencies: { 'run: it': [], plot: [], all: ['run: it', 'plot'] },
    step_combinations: {
      'run: it': ['run: it_d-0', 'run: it_d-1'],
      plot: ['plot_d-0.SITE.north', 'plot_d-1.SITE.010'],
      all: ['all'],
    },
    used_parameters: { 'run: it': ['DOSE'], plot: ['DOSE', 'SITE'], all: [] },
    workspaces: {
      'run: it_d-0': 'run_it/d-0',
      'run: it_d-1': 'run_it/d-1',
      'plot_d-0.SITE.north': 'plot/d-0.SITE.north',
      'plot_d-1.SITE.010': 'plot/d-1.SITE.010',
      all: 'all',
    },
  });
});

describe('meta/environment.yaml', () => {
  test('leaves out what looks secret, by name or by a password in a URL', () => {
    const secret = {
      AWS_SECRET_ACCESS_KEY: 'x',
      GITHUB_TOKEN: 'x',
      PGPASSWORD: 'x',
      MYSQL_PWD: 'x',
      SSH_AUTH_SOCK: 'x',
      apikey: 'x',
      DATABASE_URL: 'postgres://me:x@host/db',
    };
    const plain = {
      PATH: '/bin:/usr/bin',
      PWD: '/home/me',
      OMP_NUM_THREADS: '4',
      EMPTY: '',
      'BASH_FUNC_a%%': '() {\n}',
    };
    assert.deepEqual(read([environmentYaml({ ...plain, ...secret, GONE: undefined })]), plain);
  });

  test('may be empty', () => {
    assert.deepEqual(read([environmentYaml({})]), {});
  });
});

test('batch.info is the batch block', () => {
  const text = batchInfo({
    type: 'slurm',
    shell: '/bin/bash',
    host: 'big one',
    nodes: '4',
    qos: 'no',
    args: { mpi: 'none', v: 'True' },
  });
  assert.deepEqual(parse(text), {
    args: { mpi: 'none', v: true },
    type: 'slurm',
    shell: '/bin/bash',
    host: 'big one',
    nodes: 4,
    qos: 'no',
  });
});

test('the files stand where users look for them, and are written piece by piece', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-meta-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'meta'));
  const files = metaFiles({ study: STUDY, expansion: expand(STUDY) }, { LANG: 'C' });
  for (const { path, pieces } of files) writePieces(join(directory, path), pieces);
  const text = (path: string) => readFileSync(join(directory, path), 'utf8');
  assert.equal(text('batch.info'), 'shell: /bin/bash\ntype: local\n');
  assert.equal(text('meta/environment.yaml'), 'LANG: C\n');
  assert.equal(text('meta/parameters.yaml'), [...parametersYaml([DOSE, SITE])].join(''));
  assert.match(text('meta/metadata.yaml'), /^dependencies:\n/);
  writePieces(join(directory, 'wide'), ['käse ', '', 'λ']);
  assert.equal(text('wide'), 'käse λ');
});

describe('YAML', () => {
  for (const version of ['1.1', '1.2'] as const) {
    test(`of any text reads back as that text, as key and as value (${version})`, () => {
      const word = fc.constantFrom(
        'yes',
        'N',
        'null',
        '~',
        '010',
        '1:30',
        '.inf',
        '-',
        '?',
        '2001-01-01',
        '<<',
        '=',
        '',
      );
      fc.assert(
        fc.property(fc.oneof(fc.string(), word, fc.string({ minLength: 1000, maxLength: 1100 })), (text) => {
          const document = `${yamlKey(text)} ${yamlText(text)}\n`;
          const map = parse(document, { version, mapAsMap: true }) as Map<unknown, unknown>;
          assert.deepEqual([...map], [[text, text]]);
        }),
      );
    });
  }

  test('of what Python prints is the value that it printed', () => {
    const values = { '1': 1, '-2': -2, '0.5': 0.5, '1e-07': 1e-7, '1.5e+22': 1.5e22, True: true, None: null };
    for (const [printed, value] of Object.entries(values)) assert.equal(parse(yamlValue(printed)), value);
    for (const text of ['007', '1_000', '1.', 'true', 'inf', '0x1f'])
      assert.equal(parse(yamlValue(text)), text);
  });
});
