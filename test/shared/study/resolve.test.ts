import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Specification } from '../../../src/shared/spec/specification.ts';
import { type ResolveOptions, resolveStudy } from '../../../src/shared/study/resolve.ts';
import { OPTIONS, parameterOf, readSpec, specOf, stepOf, studyOf } from './studies.ts';

/** What is found in a specification: `severity place: message; mend`. */
function findings(specification: Specification, options: Partial<ResolveOptions> = {}): string[] {
  const { study, diagnostics } = resolveStudy(specification, { ...OPTIONS, ...options });
  assert.equal(
    study === undefined,
    diagnostics.some(({ severity }) => severity === 'error'),
  );
  return diagnostics.map(({ severity, at, message, mend }) => `${severity} ${at.file}: ${message}; ${mend}`);
}

const text = (name: string, value: string) => ({ name, value, block: 'variables', isText: true }) as const;

test('labels are replaced first, then dependencies, then variables, in every string', () => {
  const study = studyOf(
    specOf({
      environment: [
        text('WHERE', 'data'),
        { ...text('FILE', '$(CODE)/$(WHERE)/$(SPECROOT)'), block: 'labels' },
        text('N', '3'),
      ],
      dependencies: [{ kind: 'path', name: 'CODE', path: 'code' }],
      steps: [
        stepOf('run$(N)', {
          cmd: '$(FILE)',
          restart: '$(OUTPUT_PATH)',
          description: '$(N)',
          resources: { procs: '$(N)' },
        }),
        stepOf('next', { depends: ['run$(N)'] }),
      ],
    }),
    { dependencyPaths: new Map([['CODE', '/code']]) },
  );
  const [run, next] = study.steps;
  assert.equal(run!.name, 'run3');
  assert.equal(run!.cmd, '/code/data//specs');
  assert.equal(run!.restart, '/studies/test');
  assert.equal(run!.description, '3');
  assert.deepEqual(run!.resources, { procs: '3' });
  assert.deepEqual(next!.parents, [0]);
});

test('the first entry is a variable whatever it holds, a later one with a $ is a label', () => {
  const entries = [text('FIRST', '$(SECOND)'), text('SECOND', '$(FIRST)!'), text('THIRD', 'third')];
  const commandWith = (cmd: string) => {
    return studyOf(specOf({ environment: entries, steps: [stepOf('run', { cmd })] })).steps[0]!.cmd;
  };
  assert.equal(commandWith('$(FIRST)'), '$(SECOND)');
  assert.equal(commandWith('$(SECOND)'), '$(SECOND)!');
  assert.equal(commandWith('$(THIRD)'), 'third');
});

test('OUTPUT_PATH is the study directory, wherever the environment sends studies', () => {
  const entries = [text('OUTPUT_PATH', '/scratch'), text('EXTRA', '$(OUTPUT_PATH)/extra'), text('N', '1')];
  const cmd = '$(OUTPUT_PATH) $(EXTRA)';
  const [step] = studyOf(specOf({ environment: entries, steps: [stepOf('run', { cmd })] })).steps;
  assert.equal(step!.cmd, '/studies/test /studies/test/extra');
});

test('a label is made of variables, and of labels that are replaced after it', () => {
  const entries = [text('BASE', 'b'), text('OUTER', '<$(INNER)>'), text('INNER', '$(BASE)!')];
  const cmd = '$(OUTER) $(INNER)';
  const [step] = studyOf(specOf({ environment: entries, steps: [stepOf('run', { cmd })] })).steps;
  assert.equal(step!.cmd, '<b!> b!');
});

test('what is put in is put in as it is', () => {
  const entries = [text('MONEY', "$& $1 $$ $' $`")];
  const [step] = studyOf(
    specOf({ environment: entries, steps: [stepOf('run', { cmd: '[$(MONEY)]' })] }),
  ).steps;
  assert.equal(step!.cmd, "[$& $1 $$ $' $`]");
});

test('a step uses what it mentions anywhere, what its parents use and whose workspace it names', () => {
  const parameters = ['A', 'B', 'C', 'D', 'N', 'N2'].map((key) => parameterOf(key, ['1', '2']));
  const steps = [
    stepOf('cmd', { cmd: '$(D) $(B)' }),
    stepOf('described', { description: 'about $(A.name)' }),
    stepOf('sized', { resources: { nodes: '$(C)' } }),
    stepOf('child', { depends: ['cmd', 'sized'] }),
    stepOf('funnel', { cmd: 'ls $(cmd.workspace)', depends: ['cmd_*'] }),
    stepOf('both', { cmd: 'ls $(cmd.workspace)', depends: ['cmd*', 'cmd'] }),
    stepOf('after', { cmd: 'ls $(cmd.workspace)', depends: ['funnel'] }),
    stepOf('numbered', { cmd: '$(N2)' }),
    stepOf('early', { cmd: 'ls $(late.workspace)' }),
    stepOf('late', { restart: 'ls $(early.workspace) $(N.label)' }),
  ];
  const { steps: found, parameters: all } = studyOf(specOf({ steps, parameters }));
  const uses = Object.fromEntries(
    found.map((step) => [step.name, step.uses.map((use) => all[use]!.key).join()]),
  );
  assert.deepEqual(uses, {
    cmd: 'B,D',
    described: 'A',
    sized: 'C',
    child: 'B,C,D',
    funnel: '',
    both: 'B,D',
    after: 'B,D',
    numbered: 'N2',
    early: 'N',
    late: 'N',
  });
});

test('a parent may be declared after its child', () => {
  const { steps } = studyOf(
    specOf({
      steps: [
        stepOf('last', { depends: ['middle_*'] }),
        stepOf('middle', { depends: ['first'] }),
        stepOf('first'),
      ],
    }),
  );
  assert.deepEqual(
    steps.map(({ name, parents, funnels }) => ({ name, parents, funnels })),
    [
      { name: 'first', parents: [], funnels: [] },
      { name: 'middle', parents: [0], funnels: [] },
      { name: 'last', parents: [], funnels: [1] },
    ],
  );
});

test('a funnel is written with an underscore or without, and a name may end in one', () => {
  const { steps } = studyOf(
    specOf({
      steps: [stepOf('a_'), stepOf('b', { depends: ['a_*'] }), stepOf('c', { depends: ['b*', 'b_*'] })],
    }),
  );
  assert.deepEqual(
    steps.map(({ funnels }) => funnels),
    [[], [0], [1]],
  );
});

test('a step is scheduled if it asks for nodes or procs', () => {
  const steps = [
    stepOf('a'),
    stepOf('b', { resources: { nodes: '2' } }),
    stepOf('c', { resources: { procs: '$(P)' } }),
    stepOf('d', { resources: { gpus: '1', walltime: '5' } }),
    stepOf('e', { resources: { procs: '0', nodes: 'False' } }),
  ];
  const study = studyOf(specOf({ steps, parameters: [parameterOf('P', ['1'])] }));
  const scheduled = study.steps.filter(({ isScheduled }) => isScheduled).map(({ name }) => name);
  assert.deepEqual(scheduled.sort(), ['b', 'c']);
});

test('parameters of a generator take the place of those declared, and keep their order', () => {
  const parameters = [parameterOf('Z', ['1']), parameterOf('A', ['2'])];
  const study = studyOf(
    specOf({ steps: [stepOf('run', { cmd: '$(Z) $(A)' })], parameters: [parameterOf('A', ['old'])] }),
    {
      parameters,
    },
  );
  assert.deepEqual(study.parameters, parameters);
  assert.deepEqual(study.steps[0]!.uses, [1, 0]);
});

test('a dependency on what is no step', () => {
  const steps = [stepOf('prepare'), stepOf('run', { depends: ['prepair', 'prepair_*'] })];
  assert.deepEqual(findings(specOf({ steps })), [
    "error study.1.run.depends.0: step 'run' depends on 'prepair', which is no step of this study; did you mean 'prepare'?",
    "error study.1.run.depends.1: step 'run' depends on 'prepair_*', which is no step of this study; did you mean 'prepare'?",
  ]);
});

test('cycles are found where they are closed, each of them', () => {
  const steps = [
    stepOf('root'),
    stepOf('a', { depends: ['root', 'c'] }),
    stepOf('b', { depends: ['a_*'] }),
    stepOf('c', { depends: ['root', 'b'] }),
    stepOf('d', { depends: ['d*'] }),
  ];
  assert.deepEqual(findings(specOf({ steps })), [
    "error study.3.run.depends.1: steps wait for each other: 'c' depends on 'b' depends on 'a' depends on 'c'; take one of these dependencies out",
    "error study.4.run.depends.0: step 'd' depends on itself; take it out of its own depends",
  ]);
});

test('workspaces that a step cannot name', () => {
  const steps = [
    stepOf('own', { cmd: '$(own.workspace)' }),
    stepOf('first', { restart: '$(third.workspace)' }),
    stepOf('second', { depends: ['first'] }),
    stepOf('third', { depends: ['second_*'] }),
    stepOf('aside', { cmd: '$(first.workspace) $(unknown.workspace)' }),
  ];
  assert.deepEqual(findings(specOf({ steps })), [
    "error study.0.run.cmd.$(own.workspace): step 'own' names its own workspace as if it were another's; write $(WORKSPACE)",
    "error study.1.run.restart.$(third.workspace): step 'first' names the workspace of 'third', which runs after it; turn the dependency round, or take $(third.workspace) out",
  ]);
});

test('names that are taken', () => {
  const steps = ['a', 'a', 'logs', 'me:ta', 'CODE', 'study.yaml', 'test.txt'].map((name) => stepOf(name));
  const found = findings(specOf({ steps }), { dependencyPaths: new Map([['CODE', '/studies/test/CODE']]) });
  assert.deepEqual(found, [
    "error study.1.name: an earlier step is named 'a' too; rename one of them",
    ...['logs', 'me:ta', 'CODE', 'study.yaml', 'test.txt'].map(
      (name, index) =>
        `error study.${index + 2}.name: a step cannot be named '${name}': the study keeps something of its own there; name the step differently`,
    ),
  ]);
});

test('a variable cannot have the name of a parameter, nor a step that of a combination', () => {
  const specification = specOf({
    environment: [text('P', 'x')],
    steps: [stepOf('run_$(Q)', { cmd: '$(P)' })],
  });
  const parameters = [parameterOf('P', ['1']), parameterOf('Q', ['1'])];
  assert.deepEqual(findings(specification, { parameters }), [
    "error env.variables.P: 'P' is a parameter too, and $(P) would never become its values; rename one of them",
    "warning study.0.name: parameters are not replaced in the name of a step, and 'run_$(Q)' stays as it is; leave them out: each combination is appended to the name of its step",
  ]);
});

test('a resource that nothing gives a value', () => {
  const steps = [stepOf('run', { resources: { nodes: '$(NODE)', procs: '$(P)' } })];
  const parameters = [parameterOf('NODES', ['1']), parameterOf('P', ['1'])];
  assert.deepEqual(findings(specOf({ steps, parameters })), [
    "error study.0.run.nodes.$(NODE): 'nodes' asks for $(NODE), which is neither a parameter nor a variable; did you mean 'NODES'?",
  ]);
});

test('labels that make one combination of two', () => {
  const steps = [stepOf('run', { cmd: '$(A) $(B)' })];
  const one = [
    parameterOf('A', ['1', '2', '1', '3'], { labels: ['a', 'a', 'a', 'a'] }),
    parameterOf('B', ['1', '2', '3', '4']),
  ];
  assert.deepEqual(findings(specOf({ steps, parameters: one })), [
    "warning global.parameters.A.label.1: two values of 'A', '1' and '2', have the label 'a' (and 1 more are like this), and steps that use no other parameter are made for the first only; give each value a label of its own, with %% in it",
  ]);
  const two = [
    parameterOf('A', ['1', '2'], { labels: ['a.b', 'a'] }),
    parameterOf('B', ['1', '2'], { labels: ['c', 'b.c'] }),
  ];
  assert.deepEqual(findings(specOf({ steps, parameters: two })), [
    "warning global.parameters.A.label.1: labels 'a.b' with 'c' and 'a' with 'b.c' both make the combination 'a.b.c', and steps are made for the first only; make it clear in the labels where each of them begins, as KEY.%% does",
  ]);
});

test('a label twice with one value is no collision', () => {
  const parameters = [parameterOf('A', ['1', '1', '2'])];
  assert.deepEqual(findings(specOf({ steps: [stepOf('run', { cmd: '$(A)' })], parameters })), []);
});

test('nothing is found in the goldens but what is there', () => {
  const golden = join(import.meta.dirname, '../../fixtures/golden');
  for (const name of readdirSync(golden)) {
    assert.deepEqual(findings(readSpec(join(golden, name, 'spec.yaml'))), [], name);
  }
});

test('a token in an option that nothing replaces is an error at its place', () => {
  const step = stepOf('run', { args: { constraint: '$(NODE)' }, cmd: '$(NODES)' });
  const specification = specOf({ steps: [step], parameters: [parameterOf('NODES', ['1'])] });
  assert.deepEqual(findings(specification), [
    "error study.0.run.args.constraint.$(NODE): 'args: constraint' asks for $(NODE), which is neither a parameter nor a variable; did you mean 'NODES'?",
  ]);
});
