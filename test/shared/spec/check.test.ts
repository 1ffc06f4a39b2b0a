import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnose, oneStep, run, steps } from './diagnose.ts';

/** A step in one line: its name, its cmd and what it depends on. */
const step = (name: string, cmd: string, ...depends: readonly string[]): string =>
  `{name: "${name}", description: x, run: {cmd: "${cmd}", depends: [${depends.map((d) => `"${d}"`).join(', ')}]}}`;

/** The findings without their places. */
const told = (text: string): string[] => diagnose(text).map((line) => line.replace(/^\d+:\d+: /, ''));

describe('dependencies', () => {
  it('name steps, wherever they are declared, or their funnels', () => {
    const text = steps(
      step('a', 'x', 'b', 'c_*', 'd*', 'b_*'),
      step('b', 'x'),
      step('c', 'x'),
      step('d', 'x'),
    );
    assert.deepEqual(told(text), []);
  });

  it('on a step whose name ends in a star are plain ones', () => {
    assert.deepEqual(told(steps(step('a', 'x', 'a_*'), step('a_*', 'x'))), []);
  });

  it('on no step are told with the nearest name', () => {
    assert.deepEqual(diagnose(steps(step('mesh', 'x'), step('solve', 'x', 'mash', 'mehs_*', 'plot'))), [
      "4:63: step 'solve' depends on 'mash', which is no step; did you mean 'mesh'?",
      "4:71: step 'solve' depends on 'mehs_*', which is no step; did you mean 'mesh'?",
      "4:81: step 'solve' depends on 'plot', which is no step; the steps are mesh, solve",
    ]);
  });

  it('are not told of while a step has no name', () => {
    assert.deepEqual(told(steps('{nam: b, description: x, run: {cmd: x}}', step('a', 'x', 'b'))), [
      "step 1 has an unknown key 'nam'; did you mean 'name'?",
    ]);
  });

  it('are not on the step itself', () => {
    const mend = (text: string) => `step 'a' depends on itself; remove '${text}' from its depends`;
    assert.deepEqual(told(steps(step('a', 'x', 'a', 'a_*'))), [mend('a'), mend('a_*')]);
  });

  it('mean different things', () => {
    assert.deepEqual(told(steps(step('a', 'x', 'b_*', 'b*', 'b'), step('b', 'x'))), [
      "step 'a' depends on 'b_*' and 'b*', which mean the same; keep one",
    ]);
  });

  it('go round in no circle', () => {
    const text = steps(
      step('start', 'x', 'a'),
      step('a', 'x', 'c_*'),
      step('b', 'x', 'a', 'end'),
      step('c', 'x', 'b'),
      step('end', 'x'),
      step('p', 'x', 'q'),
      step('q', 'x', 'p'),
    );
    assert.deepEqual(diagnose(text), [
      '5:59: these steps wait for each other: a -> c -> b -> a; remove one of these dependencies',
      '9:59: these steps wait for each other: p -> q -> p; remove one of these dependencies',
    ]);
  });
});

describe('names of steps', () => {
  it('are unique', () => {
    assert.deepEqual(diagnose(steps(step('a', 'x'), step('b', 'x'), step('a', 'x'))), [
      "5:12: there is already a step 'a', on line 3; rename one of them",
    ]);
  });

  for (const name of ['_source', 'meta', 'logs', '.maestro', 'status.csv']) {
    it(`are not '${name}'`, () => {
      assert.deepEqual(told(steps(step(name, 'x'))), [
        `'${name}' is a name of Maestro's own in the study directory; rename the step`,
      ]);
    });
  }

  for (const name of ['..', '.', '/', '中文', '../']) {
    it(`are not '${name}', which leads out of the study or nowhere`, () => {
      assert.deepEqual(told(steps(step(name, 'x'))), [
        `step name '${name}' leaves no name for its directory; use a letter or digit from A-Z, a-z and 0-9 in it`,
      ]);
    });
  }
});

describe('names of tokens', () => {
  const wrong: Record<string, readonly string[]> = {
    'variables: {A: 1}, labels: {A: $(X)}': [
      "label 'A' has the name of the variable on line 4; rename one of them",
    ],
    'variables: {P: 1}': ["variable 'P' has the name of the parameter on line 6; rename one of them"],
    'variables: {D: 1}, dependencies: {paths: [{name: D, path: /tmp}]}': [
      "dependency 'D' has the name of the variable on line 4; rename one of them",
    ],
    'dependencies: {paths: [{name: D, path: p}], git: [{name: E, path: p, url: u}, {name: D, path: p, url: u}]}':
      ["dependency 'D' has the name of the dependency on line 4; rename one of them"],
    'variables: {SPECROOT: /tmp}': ["$(SPECROOT) is a token of Maestro's own; rename the variable"],
    'labels: {OUTPUT_PATH: /tmp}': ["$(OUTPUT_PATH) is a token of Maestro's own; rename the label"],
    'variables: {OUTPUT_PATH: /tmp}': [],
    'variables: {WORKSPACE: /tmp}': [
      "warning: this variable hides Maestro's own token $(WORKSPACE); rename it if that is not meant",
    ],
    'variables: {"A(B": 1}': [
      "variable 'A(B' cannot be written as a token $(A(B); use no parentheses, dollar signs or outer spaces in the name",
    ],
    'variables: {A B: 1}': [],
  };
  for (const [env, diagnostics] of Object.entries(wrong)) {
    it(`in env: {${env}}`, () => {
      const text = oneStep('$(P)', `env: {${env}}`, 'global.parameters:', '  P: {values: [1], label: P.%%}');
      assert.deepEqual(told(text), diagnostics);
    });
  }
});

describe('parameters', () => {
  const told2 = (...lines: readonly string[]): string[] =>
    diagnose(oneStep('$(A) $(B)', 'global.parameters:', ...lines.map((line) => `  ${line}`)));

  it('have as many values as each other', () => {
    assert.deepEqual(told2('A: {values: [1, 2], label: A.%%}', 'B: {values: [1], label: B.%%}'), [
      "6:15: parameter 'B' has 1 value, but 'A' has 2; give all parameters the same number of values: combination i takes the i-th of each",
    ]);
  });

  it('have as many labels as values', () => {
    assert.deepEqual(told2('A: {values: [1, 2], label: [a, b, c]}', 'B: {values: [1, 2], label: B.%%}'), [
      "5:30: parameter 'A' has 3 labels for 2 values; give each value one label",
    ]);
  });

  it('have a label for each different value', () => {
    assert.deepEqual(told2('A: {values: [1, 1, 2, 3], label: A}', 'B: {values: [1, 2, 1, 2], label: B.%%}'), [
      "5:36: warning: values '1' and '2' of parameter 'A' have the same label 'A'; put %% in the label, or steps run for the first value only",
    ]);
  });

  it('are used', () => {
    const unused = 'global.parameters:\n  P: {values: [1], label: P.%%}';
    for (const cmd of ['$(P)', '$(P.label)', '$(P.name)', '$(ls $(P))', '$(V)']) {
      assert.deepEqual(told(oneStep(cmd, 'env: {variables: {U: 1, V: $(P.label)}}', unused)), []);
    }
    assert.deepEqual(diagnose(oneStep('$(PQ) ${P} $(P.x)', unused)), [
      "5:6: warning: no step uses parameter 'P'; write $(P) in a step, or remove it",
    ]);
  });
});

describe('tokens of workspaces', () => {
  it('name steps that this one waits for', () => {
    const text = steps(step('a', 'x'), step('b', '$(a.workspace)', 'a_*'), step('c', '$(a.workspace)', 'b'));
    assert.deepEqual(told(text), []);
  });

  it('do not name the step itself', () => {
    assert.deepEqual(told(steps(step('a b', 'ls $(a b.workspace)'))), [
      "step 'a b' names its own workspace by $(a b.workspace); write $(WORKSPACE)",
    ]);
  });

  it('do not name steps that wait for this one', () => {
    assert.deepEqual(told(steps(step('a', '$(c.workspace)'), step('b', 'x', 'a'), step('c', 'x', 'b_*'))), [
      "step 'a' names the workspace of 'c', which waits for 'a'; turn the dependency round, or remove one",
    ]);
  });

  it('had better name no steps that this one does not wait for', () => {
    assert.deepEqual(told(steps(step('a', '$(b.workspace)'), step('b', 'x'))), [
      "warning: step 'a' names the workspace of 'b' without waiting for it; add 'b' to its depends",
    ]);
  });

  it('name steps', () => {
    assert.deepEqual(told(steps(step('mesh', '$(mash.workspace) $(date.workspace.x)'))), [
      "warning: $(mash.workspace) names no step; did you mean 'mesh'?",
    ]);
  });

  it('are pointed at on their own line', () => {
    const text = run('restart: |', '  echo one', '  echo two $(a.workspace)/x');
    assert.deepEqual(diagnose(text), [
      "9:18: step 'a' names its own workspace by $(a.workspace); write $(WORKSPACE)",
    ]);
  });

  it('are followed through variables and labels', () => {
    const env = 'env: {variables: {U: 1, V: $(a.workspace)/v, W: $(V)/w}}';
    assert.deepEqual(told(oneStep('ls $(W)', env)), [
      "step 'a' names its own workspace by $(W); write $(WORKSPACE)",
    ]);
  });

  it('stay as they are in descriptions', () => {
    const text = steps('{name: a, description: in $(a.workspace), run: {cmd: x}}');
    assert.deepEqual(told(text), []);
  });
});

describe('tokens in capitals', () => {
  const lines = [
    'env: {variables: {RADIUS: 1}}',
    'global.parameters:',
    '  DENSITY: {values: [1], label: D.%%}',
  ];

  it('that are nearly a name are told of', () => {
    assert.deepEqual(told(oneStep('$(DENSITY) $(DENSTIY.label) $(RADUIS) $(LAUNCHR)', ...lines)), [
      'warning: $(DENSTIY.label) names nothing and is left to the shell; did you mean $(DENSITY.label)?',
      'warning: $(RADUIS) names nothing and is left to the shell; did you mean $(RADIUS)?',
      'warning: $(LAUNCHR) names nothing and is left to the shell; did you mean $(LAUNCHER)?',
    ]);
  });

  it('that are not, and commands of the shell, are left alone', () => {
    assert.deepEqual(told(oneStep('$(DENSITY) $(NOT_DEFINED) $(density) $(date) $(RADIUS)', ...lines)), []);
  });
});

describe('what has no effect', () => {
  it('is told of', () => {
    const cluster = 'host: h, bank: b, queue: q';
    const warnings: Record<string, readonly string[]> = {
      [`batch: {type: slurm, ${cluster}, gpus: 1, walltime: 5, exclusive: true}`]: [
        'warning: gpus in batch has no effect; set gpus in the steps',
        'warning: walltime in batch has no effect; set walltime in the steps',
        'warning: exclusive in batch has no effect; set exclusive in the steps',
      ],
      [`batch: {type: lsf, ${cluster}, cores: 4, launcher: mpiexec}`]: [
        'warning: cores has no effect with type lsf; remove it',
        'warning: launcher has no effect with type lsf; remove it',
      ],
      'batch: {cores: 4, gpus: 1, launcher: mpiexec}': [],
      'env: {sources: [setup.sh]}': [
        'warning: sources has no effect; source these files in the cmd of the steps',
      ],
      'globals: {a: 1}': [
        "warning: unknown block 'globals' is ignored; remove it, or begin its name with 'x-' if it only holds anchors",
      ],
      'global.parameter: {}': [
        "warning: unknown block 'global.parameter' is ignored; did you mean 'global.parameters'?",
      ],
      'x-mesh: {a: 1}': [],
      '.mesh: {a: 1}': [],
    };
    for (const [line, diagnostics] of Object.entries(warnings)) {
      assert.deepEqual(told(oneStep('x', line)), diagnostics, line);
    }
    assert.deepEqual(diagnose(run('pre: x', 'post: y')), [
      "7:7: warning: pre of step 'a' has no effect; move it to the beginning of cmd",
      "8:7: warning: post of step 'a' has no effect; move it to the end of cmd",
    ]);
  });

  it('and what YAML makes of a bare walltime', () => {
    assert.deepEqual(diagnose(run('walltime: 1:30:00')), [
      "7:17: warning: walltime of step 'a' is written 1:30:00, which YAML reads as 5400 minutes; put it in quotes: '1:30:00'",
    ]);
  });
});

describe('values that YAML reads as something else', () => {
  const parameter = (values: string): string[] =>
    diagnose(oneStep('$(A)', 'global.parameters:', `  A: {values: ${values}, label: A.%%}`));

  it('are told of, the first of each list', () => {
    assert.deepEqual(parameter('[1, 007, 010]'), [
      "5:19: warning: a value of parameter 'A' is written 007, which YAML reads as 7; put it in quotes: '007', if that is not meant",
    ]);
    assert.deepEqual(parameter('[DE, NO]'), [
      "5:20: warning: a value of parameter 'A' is written NO, which YAML reads as False; put it in quotes: 'NO', if that is not meant",
    ]);
    assert.deepEqual(diagnose(oneStep('x', 'env: {variables: {START: 1:30}}')), [
      "4:26: warning: variable 'START' is written 1:30, which YAML reads as 90; put it in quotes: '1:30', if that is not meant",
    ]);
  });

  it('are those, and no others', () => {
    assert.deepEqual(parameter("[0, 1, 0.10, 1_000, 0x1F, true, False, '007', 'no', 1e3]"), []);
  });
});
