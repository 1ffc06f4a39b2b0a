import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDiagnostic } from '../../../src/shared/spec/diagnostic.ts';
import { readSpecification } from '../../../src/shared/spec/read.ts';
import { diagnose, oneStep, specificationOf } from './diagnose.ts';

describe('a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'spec-'));
  after(() => rmSync(directory, { recursive: true }));

  /** What is told of a file, without the directory before its name. */
  const told = (name: string): string[] =>
    readSpecification(join(directory, name)).diagnostics.map((diagnostic) =>
      formatDiagnostic(diagnostic).replace(`${directory}/`, ''),
    );

  it('is read as it is, and named as it was given', () => {
    const text = `\ufeff# ünïcode\r\n${oneStep('x')}`;
    const path = join(directory, 'study.yaml');
    writeFileSync(path, text);
    const { specification, diagnostics } = readSpecification(path);
    assert.deepEqual(diagnostics, []);
    assert.equal(specification?.text, text);
    assert.equal(specification?.file, path);
    assert.deepEqual(specification?.locate(['study', 0, 'name']), { file: path, line: 4, column: 12 });
  });

  it('that is not there is told with the one that was meant', () => {
    assert.deepEqual(told('studdy.yaml'), [
      "studdy.yaml:1:1: there is no such file; did you mean 'study.yaml'?",
    ]);
    assert.deepEqual(told('no/such/place.yaml'), [
      'no/such/place.yaml:1:1: there is no such file; check the path',
    ]);
  });

  it('is no directory', () => {
    mkdirSync(join(directory, 'studies'));
    assert.deepEqual(told('studies'), ['studies:1:1: this is a directory; name the specification in it']);
  });

  it('is UTF-8', () => {
    writeFileSync(join(directory, 'latin1'), Buffer.from('description: k\xe4se', 'latin1'));
    const message = 'the file is not UTF-8 text; save it as UTF-8, or check that it is the right file';
    assert.deepEqual(told('latin1'), [`latin1:1:1: ${message}`]);
  });

  it('has an end', () => {
    writeFileSync(join(directory, 'huge'), '');
    truncateSync(join(directory, 'huge'), 64 * 1024 * 1024 + 1);
    assert.deepEqual(told('huge'), ['huge:1:1: the file is longer than 64 MiB; is it the right file?']);
  });
});

describe('diagnostics', () => {
  it('are all told at once, in the order of the file', () => {
    const text = [
      'description: {name: 12, description: d}',
      'study:',
      '  - {name: a, description: x, colour: red, run: {cmd: x, depends: [ghost]}}',
      '  - {name: b, description: x, run: {cmd: x, nodes: many}}',
      '  - {name: b, description: x, run: {cmd: !mine x}}',
      'global.parameters:',
      '  A: {values: [1], label: A.%%}',
      'more: 1',
    ].join('\n');
    assert.deepEqual(
      diagnose(text).map((line) => line.replace(/;.*/, '')),
      [
        '1:21: description.name is the number 12',
        "3:31: step 'a' has an unknown key 'colour'",
        "3:68: step 'a' depends on 'ghost', which is no step",
        "4:52: nodes of step 'b' is 'many'",
        "5:12: there is already a step 'b', on line 4",
        '5:48: the tag !mine is not allowed in a specification',
        "7:6: warning: no step uses parameter 'A'",
        "8:1: warning: unknown block 'more' is ignored",
      ],
    );
  });

  it('are one line each, whatever the specification holds', () => {
    const long = `x\\n\\e[31m${'y'.repeat(200)}`;
    for (const line of diagnose(oneStep(long, `batch: {type: "${long}"}`, `"${long}": 1`))) {
      assert.doesNotMatch(line, /\p{Cc}/u);
    }
  });

  it('stop nothing where they are warnings', () => {
    const { specification, diagnostics } = readSpecification('s', oneStep('x', 'more: 1'));
    assert.deepEqual(
      diagnostics.map(({ severity }) => severity),
      ['warning'],
    );
    assert.equal(specification?.name, 'n');
  });
});

describe('a specification', () => {
  const text = [
    'description: {name: heat, description: A plate., author: me}',
    'env:',
    '  variables: {N: 010, R: 0.10, OUT: $(R)/out, T: "5"}',
    '  labels: {L: $(N).x}',
    '  dependencies:',
    '    paths: [{name: P, path: ./p}]',
    '    git: [{name: G, path: g, url: u, branch: trunk}, {name: H, path: g, url: u}]',
    'batch: {type: flux, host: h, nodes: 2, flux_uri: "local:///x", args: {mpi: spectrum, verbose: yes}}',
    'study:',
    '  - name: a',
    '    description: x $(A)',
    '    run: {cmd: $(A) $(B) $(C), restart: y, nodes: 1, cores per task: $(N), exclusive: no, depends: ["b_*"]}',
    '  - {name: b, description: x, run: {cmd: x}}',
    'global.parameters:',
    '  A: {values: [1, [a, {k: 1}], "%%"], label: A.%%-%%, name: alpha}',
    '  B: {values: [1.0, 1e3, ~], label: [x, "%%", 7]}',
    '  C: {values: [$&, yes, 2021-03-04], label: C.%%}',
  ].join('\n');

  it('is what the file says, as text', () => {
    const { environment, dependencies, batch, steps, parameters, ...rest } = specificationOf(text);
    assert.equal(rest.file, resolve('s'));
    assert.deepEqual([rest.name, rest.description], ['heat', 'A plate.']);
    assert.deepEqual(environment, [
      { name: 'N', value: '8', block: 'variables', isText: false },
      { name: 'R', value: '0.1', block: 'variables', isText: false },
      { name: 'OUT', value: '$(R)/out', block: 'variables', isText: true },
      { name: 'T', value: '5', block: 'variables', isText: true },
      { name: 'L', value: '$(N).x', block: 'labels', isText: true },
    ]);
    assert.deepEqual(dependencies, [
      { kind: 'path', name: 'P', path: './p' },
      { kind: 'git', name: 'G', path: 'g', url: 'u', ref: { kind: 'branch', name: 'trunk' } },
      { kind: 'git', name: 'H', path: 'g', url: 'u' },
    ]);
    assert.deepEqual(batch, {
      type: 'flux',
      shell: '/bin/bash',
      host: 'h',
      nodes: '2',
      uri: 'local:///x',
      args: { mpi: 'spectrum', verbose: 'True' },
    });
    assert.deepEqual(steps, [
      {
        name: 'a',
        description: 'x $(A)',
        cmd: '$(A) $(B) $(C)',
        restart: 'y',
        depends: ['b_*'],
        resources: { nodes: '1', 'cores per task': '$(N)', exclusive: 'False' },
      },
      { name: 'b', description: 'x', cmd: 'x', depends: [], resources: {} },
    ]);
    assert.deepEqual(parameters, [
      {
        key: 'A',
        name: 'alpha',
        values: ['1', "['a', {'k': 1}]", '%%'],
        labels: ['A.1-1', "A.['a', {'k': 1}]-['a', {'k': 1}]", 'A.%%-%%'],
      },
      { key: 'B', name: 'B', values: ['1.0', '1e3', 'None'], labels: ['x', '%%', '7'] },
      {
        key: 'C',
        name: 'C',
        values: ['$&', 'True', '2021-03-04'],
        labels: ['C.$&', 'C.True', 'C.2021-03-04'],
      },
    ]);
  });

  it('runs on this machine where it does not say', () => {
    assert.deepEqual(specificationOf(oneStep('x')).batch, { type: 'local', shell: '/bin/bash', args: {} });
    const { batch } = specificationOf(
      oneStep('x', 'batch: {cores: 4, gpus: 1, procs: 2, launcher: "mpiexec -n {procs}"}'),
    );
    const { cores, gpus, procs, launcher } = batch;
    assert.deepEqual(
      { cores, gpus, procs, launcher },
      { cores: 4, gpus: '1', procs: '2', launcher: 'mpiexec -n {procs}' },
    );
  });

  it('knows where its nodes stand', () => {
    const { locate } = specificationOf(text);
    const at = (...path: (string | number)[]): string => `${locate(path).line}:${locate(path).column}`;
    assert.equal(at(), '1:1');
    assert.equal(at('description', 'name'), '1:21');
    assert.equal(at('env'), '2:1');
    assert.equal(at('env', 'dependencies', 'git', 1), '7:54');
    assert.equal(at('study', 0), '10:5');
    assert.equal(at('study', 0, 'run', 'depends', 0), '12:101');
    assert.equal(at('study', 0, 'run', 'qos'), '12:10');
    assert.equal(at('study', 9, 'run'), '9:1');
    assert.equal(at('no', 'such', 'place'), '1:1');
  });

  it('knows where in a node a text stands', () => {
    const { locate } = specificationOf(
      'description: {name: n, description: d}\nstudy:\n- name: a\n  description: x\n  run:\n    cmd: |\n      one\n      two $(N)\n    restart: $(N)\n',
    );
    assert.deepEqual(locate(['study', 0, 'run', 'cmd'], '$(N)'), { file: 's', line: 8, column: 11 });
    assert.deepEqual(locate(['study', 0, 'run', 'restart'], '$(N)'), { file: 's', line: 9, column: 14 });
    assert.deepEqual(locate(['study', 0, 'run', 'cmd'], '$(M)'), { file: 's', line: 6, column: 10 });
  });

  it('points at what an alias or a merge brought in where it is written', () => {
    const { locate } = specificationOf(
      oneStep('x', '.s: &s {nodes: 2}', 'batch:', '  <<: *s', '  procs: &p 3', 'x-p: *p'),
    );
    assert.deepEqual(locate(['batch', 'nodes']), { file: 's', line: 4, column: 16 });
    assert.deepEqual(locate(['x-p']), { file: 's', line: 8, column: 6 });
  });
});

describe('any text at all', () => {
  /** Pieces that specifications are made of, so that chance comes near to them. */
  const pieces = fc.constantFrom(
    ...[
      'description',
      'name',
      'study',
      'run',
      'cmd',
      'depends',
      'env',
      'variables',
      'labels',
      'batch',
      'type',
    ],
    ...[
      'global.parameters',
      'values',
      'label',
      'a',
      '12',
      '1.5',
      'no',
      '~',
      '$(a.workspace)',
      '%%',
      '&x',
      '*x',
    ],
    ...[
      '<<',
      '!!str',
      '!!python/x',
      ': ',
      ':\n',
      '\n',
      '\n  ',
      '\n    - ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '"',
      "'",
    ],
    ...[
      '|',
      '>-',
      '\t',
      '#',
      '?',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '\0',
      '\u{1f600}',
      '\ud800',
      '__proto__',
      'constructor',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 6 }).map((parts) => oneStep('x', parts.join(''))),
  );

  it('is a specification or has errors, each in a sentence at a place of the file', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { specification, diagnostics } = readSpecification('s', text);
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        assert.equal(specification === undefined, errors.length > 0);
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const diagnostic of diagnostics) {
          assert.match(formatDiagnostic(diagnostic), /^s:\d+:\d+: \S[^\n]*; \S[^\n]*$/);
          assert.ok(diagnostic.at.line >= 1 && diagnostic.at.line <= lines && diagnostic.at.column >= 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that JSON can hold is no exception where keys of a specification are anything', () => {
    const keys = ['description', 'env', 'batch', 'study', 'global.parameters'];
    const record = fc.record(Object.fromEntries(keys.map((key) => [key, fc.jsonValue()])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(record, (value) => {
        const { specification, diagnostics } = readSpecification('s', JSON.stringify(value));
        assert.equal(
          specification === undefined,
          diagnostics.some(({ severity }) => severity === 'error'),
        );
      }),
    );
  });
});
