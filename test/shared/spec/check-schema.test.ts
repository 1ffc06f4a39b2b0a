import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnose, oneStep, run, steps } from './diagnose.ts';

const COUNT = 'write a whole number of at least 1, or one token such as $(N)';

describe('a value of a step', () => {
  const wrong: Record<string, string> = {
    'nodes: many': `7:14: nodes of step 'a' is 'many'; ${COUNT}`,
    'nodes: 0': `7:14: nodes of step 'a' is the number 0; ${COUNT}`,
    'nodes: "4"': "7:14: nodes of step 'a' is '4'; write it without quotes: 4",
    'nodes: $(A) $(B)': `7:14: nodes of step 'a' is '$(A) $(B)'; ${COUNT}`,
    'nodes:': `7:7: nodes of step 'a' is empty; ${COUNT}`,
    'cores per task: [2]': `7:23: cores per task of step 'a' is a list; ${COUNT}`,
    'procs: 2.0': "7:14: procs of step 'a' is 2.0; write the whole number 2",
    'gpus: -1':
      "7:13: gpus of step 'a' is the number -1; write a whole number of at least 0, or one token such as $(N)",
    'qos: 5': "7:12: qos of step 'a' is the number 5; put it in quotes: '5'",
    'qos: off': "7:12: qos of step 'a' is off, which YAML reads as false; put it in quotes: 'off'",
    'nested: 1': "7:15: nested of step 'a' is the number 1; write true or false",
    'exclusive: maybe':
      "7:18: exclusive of step 'a' is 'maybe'; write true or false, or one token such as $(EXCLUSIVE)",
    'walltime: soon':
      "7:17: walltime of step 'a' is 'soon'; write minutes as a number, or '01:30:00' in quotes, or one token such as $(TIME)",
    'priority: 2':
      "7:17: priority of step 'a' is the number 2; write held, minimal, low, medium, high, expedited, or a number from 0.0 to 1.0",
    'restart: ""': "7:16: restart of step 'a' is empty; write a script as text, or leave restart out",
    'depends: b': "7:16: depends of step 'a' is 'b'; write a list of step names, as in depends: [prepare]",
    'depends: [3]': "7:17: a dependency of step 'a' is the number 3; put it in quotes: '3'",
    'depends: [b, c, b]': "7:23: depends of step 'a' has 'b' twice; keep one of them",
    'walltme: 3': "7:7: run of step 'a' has an unknown key 'walltme'; did you mean 'walltime'?",
    'cores_per_task: 3':
      "7:7: run of step 'a' has an unknown key 'cores_per_task'; did you mean 'cores per task'?",
    'colour: red': "7:7: run of step 'a' has an unknown key 'colour'; remove it",
    'description: d':
      "7:7: run of step 'a' has an unknown key 'description'; move it out of run, to the step",
  };
  for (const [line, diagnostic] of Object.entries(wrong)) {
    it(`'${line}' is refused`, () =>
      assert.ok(diagnose(run(line)).includes(diagnostic), diagnose(run(line)).join('\n')));
  }

  const right = [
    ...['nodes: 3', 'nodes: $(N)', 'nodes: $(N.label)', 'gpus: 0', 'exclusive: yes', 'exclusive: $(X)'],
    ...[
      'walltime: 90',
      'walltime: "01:30:00"',
      'walltime: "90"',
      'walltime: inf',
      'walltime: $(T)',
      'walltime: 1.5h',
      'walltime: 1-12:00:00',
      'walltime: UNLIMITED',
    ],
    ...['priority: HIGH', 'priority: Expedited', 'priority: 0.5', 'priority: 1', 'depends: []', 'depends:'],
    ...['bind gpus: packed', 'qos: "5"', 'waitable: no'],
  ];
  for (const line of right) it(`'${line}' is taken`, () => assert.deepEqual(diagnose(run(line)), []));
});

describe('a step', () => {
  it('has a name, a description and a run, and nothing else', () => {
    assert.deepEqual(diagnose(steps('{run: {cmd: x}}', '{name: b, description: d, cmd: x}', '3')), [
      "3:5: step 1 has no name; add 'name:', the name of the step",
      "3:5: step 1 has no description; add 'description:', what the step does",
      "4:5: step 'b' has no run; add 'run:', what the step runs",
      "4:31: step 'b' has an unknown key 'cmd'; move it into run",
      "5:5: step 3 is the number 3; write '- name: …' and its description and run below it",
    ]);
  });

  it('with a misspelt key is told once', () => {
    assert.deepEqual(diagnose(steps('{nmae: a, description: d, run: {cmmd: x}}')), [
      "3:6: step 1 has an unknown key 'nmae'; did you mean 'name'?",
      "3:37: run of step 1 has an unknown key 'cmmd'; did you mean 'cmd'?",
    ]);
  });
});

describe('a key at the wrong level', () => {
  it('is told where it belongs, and not missed elsewhere', () => {
    assert.deepEqual(diagnose(steps('{name: a, description: d, cmd: x, run: {nodes: 1}}')), [
      "3:31: step 'a' has an unknown key 'cmd'; move it into run",
    ]);
    assert.deepEqual(diagnose(oneStep('x', 'env: {OUTPUT_PATH: ./out}')), [
      "4:7: env has an unknown key 'OUTPUT_PATH'; move it into variables",
    ]);
  });
});

describe('the blocks', () => {
  const wrong: Record<string, readonly string[]> = {
    '- a': [
      "1:1: the specification is a list; write blocks such as 'description:' and 'study:', each on a line of its own",
    ],
    'description: {name: n, description: d}\nstudys: []\n': [
      "2:1: the specification has no study, but 'studys'; rename it to study",
    ],
    'description: {nmae: n, description: d}\nstudy: []\n': [
      "1:15: description has no name, but 'nmae'; rename it to name",
      "2:8: study is an empty list; write a list of steps, each beginning with '- name: …'",
    ],
    'description: n\nstudy: {a: 1}\n': [
      "1:14: description is 'n'; write 'name: …' and 'description: …' below it, indented",
      "2:8: study is a mapping; write a list of steps, each beginning with '- name: …'",
    ],
  };
  for (const [text, diagnostics] of Object.entries(wrong)) {
    it(JSON.stringify(text), () => assert.deepEqual(diagnose(text), diagnostics));
  }

  it('may be there and empty', () => {
    assert.deepEqual(diagnose(oneStep('x', 'env:', 'batch:', 'global.parameters:')), []);
    assert.deepEqual(
      diagnose(oneStep('x', 'env: {variables: , labels: , sources: , dependencies: {paths: , git: }}')),
      [],
    );
  });
});

describe('env', () => {
  const wrong: Record<string, string> = {
    '{variables: {A: }}': "4:19: variable 'A' is empty; write text that is not empty, or a number",
    '{variables: {A: no}}': "4:22: variable 'A' is no, which YAML reads as false; put it in quotes: 'no'",
    '{labels: {A: [1]}}': "4:19: label 'A' is a list; write text that is not empty, or a number",
    '{vars: {A: 1}}':
      "4:7: env has an unknown key 'vars'; its keys are variables, labels, sources, dependencies",
    '{dependencies: {paths: [{name: P}]}}': "4:30: path dependency 'P' has no path; add 'path:', where it is",
    '{dependencies: {git: [{name: G, path: p, url: u, tag: t, hash: h}]}}':
      "4:63: git dependency 'G' has tag and hash; keep one of them",
    '{dependencies: {git: [{name: G, path: p, url: u, hash: 1234567}]}}':
      "4:61: hash of git dependency 'G' is the number 1234567; put it in quotes: '1234567'",
  };
  for (const [env, diagnostic] of Object.entries(wrong)) {
    it(env, () => assert.deepEqual(diagnose(oneStep('x', `env: ${env}`)), [diagnostic]));
  }
});

describe('batch', () => {
  const wrong: Record<string, readonly string[]> = {
    '{type: pbs}': ["4:8: batch has no queue, which pbs needs; add 'queue:'"],
    '{type: Slurm, host: h, bank: b, queue: q}': ["4:15: batch.type is 'Slurm'; did you mean 'slurm'?"],
    '{type: lsf, queue: q}': [
      "4:8: batch has no host, which lsf needs; add 'host:'",
      "4:8: batch has no bank, which lsf needs; add 'bank:'",
    ],
    '{cores: some}': ["4:16: batch.cores is 'some'; write a whole number of at least 1"],
    '{nodes: $(N)}': ["4:16: batch.nodes is '$(N)'; write a whole number of at least 1"],
    '{quene: q}': ["4:9: batch has an unknown key 'quene'; did you mean 'queue'?"],
    '{args: {mpi: [a]}}': ['4:21: batch.args.mpi is a list; write text, a number, or true or false'],
    '{host: h, bank: 0123}': [
      "4:24: bank in batch is written 0123, which YAML reads as 83; put it in quotes: '0123'",
    ],
    '{type: flux, version: 0.60}': [
      "4:30: version in batch is written 0.60, which YAML reads as 0.6; put it in quotes: '0.60'",
    ],
    '{shell: 5}': ["4:16: batch.shell is the number 5; put it in quotes: '5'"],
  };
  for (const [batch, diagnostics] of Object.entries(wrong)) {
    it(batch, () => assert.deepEqual(diagnose(oneStep('x', `batch: ${batch}`)), diagnostics));
  }
});

describe('global.parameters', () => {
  const wrong: Record<string, readonly string[]> = {
    '{values: [1], label: ""}': [
      "5:27: label of parameter 'A' is empty; write text in which %% is the value, as in label: SIZE.%%",
    ],
    '{values: [], label: A}': [
      "5:15: values of parameter 'A' is an empty list; write a list of at least one value, as in values: [1, 2, 4]",
    ],
    '{values: [1, 2], label: [x, x]}': ["5:34: label of parameter 'A' has 'x' twice; keep one of them"],
    '{values: [1, 2], label: [x, ""]}': [
      "5:34: a label of parameter 'A' is empty; write text that is not empty",
    ],
    '{value: [1, 2], label: x}': ["5:7: parameter 'A' has an unknown key 'value'; did you mean 'values'?"],
    '[1, 2]': ["5:6: parameter 'A' is a list; write {values: […], label: NAME.%%}"],
  };
  for (const [parameter, diagnostics] of Object.entries(wrong)) {
    it(parameter, () => {
      assert.deepEqual(diagnose(oneStep('$(A)', 'global.parameters:', `  A: ${parameter}`)), diagnostics);
    });
  }
});
