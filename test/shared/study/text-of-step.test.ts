import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Specification } from '../../../src/shared/spec/specification.ts';
import type { StepText } from '../../../src/shared/study/script/step-text.ts';
import { stepText } from '../../../src/shared/study/text-of-step.ts';
import { expanded, parameterOf, specOf, stepOf } from './studies.ts';

/** The text of each step, by its name. */
function textsOf(specification: Specification, hashWorkspaces = false): Map<string, StepText> {
  const { study, expansion } = expanded(specification, { hashWorkspaces });
  return new Map(expansion.names.map((name, step) => [name, stepText(study, expansion, step)]));
}

const SIZE = parameterOf('SIZE', ['10', '20'], { name: 'Grid size' });

test('a parameter stands for its value, its label and its name', () => {
  const step = stepOf('run', {
    cmd: '$(SIZE) $(SIZE.label) $(SIZE.name)',
    restart: 'again $(SIZE)',
    description: 'Run at $(SIZE)',
    resources: { nodes: '$(SIZE)', walltime: '1:00' },
  });
  const text = textsOf(specOf({ steps: [step], parameters: [SIZE] })).get('run_SIZE.10')!;
  assert.deepEqual(text, {
    name: 'run_SIZE.10',
    baseName: 'run_SIZE.10',
    jobName: 'run_SIZE.10',
    cmd: '10 SIZE.10 Grid size',
    restart: 'again 10',
    description: 'Run at 10',
    resources: { nodes: '10', walltime: '1:00' },
    workspace: '/studies/test/run/SIZE.10',
    isScheduled: true,
  });
});

test('the options of a step take tokens as its other texts do, and make it use their parameters', () => {
  const environment = [{ name: 'NODES', value: 'a', block: 'variables', isText: true } as const];
  const step = stepOf('run', { args: { requires: 'host:$(NODES)$(SIZE)', mail: 'me' } });
  const texts = textsOf(specOf({ environment, steps: [step], parameters: [SIZE] }));
  assert.deepEqual([...texts.keys()], ['run_SIZE.10', 'run_SIZE.20']);
  assert.deepEqual(texts.get('run_SIZE.20')!.args, { requires: 'host:a20', mail: 'me' });
});

test('what is no token belongs to the shell', () => {
  const cmd =
    'for f in $(ls "$(WORKSPACE)"); do x=$(( $(SIZE) + 1 )); y=$(date); $(N2) $(SIZE.x) ${SIZE} $(SIZE';
  const texts = textsOf(specOf({ steps: [stepOf('run', { cmd })], parameters: [SIZE] }));
  assert.equal(
    texts.get('run_SIZE.20')!.cmd,
    'for f in $(ls "/studies/test/run/SIZE.20"); do x=$(( 20 + 1 )); y=$(date); $(N2) $(SIZE.x) ${SIZE} $(SIZE',
  );
});

test('a workspace is that of the same combination, of a funnel parent the directory of all', () => {
  const steps = [
    stepOf('make it', { cmd: '$(SIZE)' }),
    stepOf('measure', { cmd: 'ls $(make it.workspace)', depends: ['make it'] }),
    stepOf('plot', { cmd: 'ls $(measure.workspace)/*', restart: 'ls $(WORKSPACE)', depends: ['measure_*'] }),
  ];
  const texts = textsOf(specOf({ steps, parameters: [SIZE] }));
  assert.equal(texts.get('measure_SIZE.20')!.cmd, 'ls /studies/test/make_it/SIZE.20');
  assert.equal(texts.get('plot')!.cmd, 'ls /studies/test/measure/*');
  assert.equal(texts.get('plot')!.restart, 'ls /studies/test/plot');
});

test('a workspace may be that of a step declared later, which is no parent', () => {
  const steps = [stepOf('reader', { cmd: 'ls $(writer.workspace)' }), stepOf('writer', { cmd: '$(SIZE)' })];
  const texts = textsOf(specOf({ steps, parameters: [SIZE] }));
  assert.equal(texts.get('reader_SIZE.10')!.cmd, 'ls /studies/test/writer/SIZE.10');
});

test('a combination whose row repeats finds the workspace of the first row', () => {
  const steps = [
    stepOf('base', { cmd: '$(A)' }),
    stepOf('mid', { cmd: 'true', depends: ['base'] }),
    stepOf('top', { cmd: 'ls $(base.workspace) # $(B)', depends: ['mid'] }),
  ];
  const parameters = [parameterOf('A', ['1', '1', '2']), parameterOf('B', ['x', 'y', 'z'])];
  const texts = textsOf(specOf({ steps, parameters }));
  assert.equal(texts.get('top_A.1.B.y')!.cmd, 'ls /studies/test/base/A.1 # y');
});

test('workspaces are the hashed and the distinct ones', () => {
  const steps = [
    stepOf('see', { cmd: '$(V)' }),
    stepOf('use', { cmd: '$(see.workspace)', depends: ['see'] }),
  ];
  const specification = specOf({ steps, parameters: [parameterOf('V', ['a:b', 'a/b'])] });
  for (const hashed of [false, true]) {
    const texts = textsOf(specification, hashed);
    for (const value of ['a:b', 'a/b']) {
      assert.equal(texts.get(`use_V.${value}`)!.cmd, texts.get(`see_V.${value}`)!.workspace);
    }
    assert.equal(new Set([...texts.values()].map(({ workspace }) => workspace)).size, 4);
  }
});

test('hashed workspaces hash the names of scripts and jobs too, and only of combinations', () => {
  const steps = [stepOf('run it', { cmd: '$(SIZE)' }), stepOf('one step')];
  const texts = textsOf(specOf({ steps, parameters: [SIZE] }), true);
  const { baseName, jobName, workspace } = texts.get('run it_SIZE.10')!;
  assert.match(baseName, /^[0-9a-f]{32}$/);
  assert.equal(jobName, baseName);
  assert.equal(workspace, `/studies/test/run_it/${baseName}`);
  assert.equal(texts.get('one step')!.baseName, 'one_step');
});

test('a value may hold tokens that are replaced later, and none that are replaced before', () => {
  const parameters = [
    parameterOf('FILE', ['$(WORKSPACE)/$(KIND.name)']),
    parameterOf('KIND', ['$(FILE) $& $1'], { labels: ['k'] }),
  ];
  const texts = textsOf(specOf({ steps: [stepOf('run', { cmd: '$(FILE) and $(KIND)' })], parameters }));
  const [text] = texts.values();
  assert.equal(text!.cmd, `${text!.workspace}/KIND and $(FILE) $& $1`);
});

test('a value may complete a token', () => {
  const steps = [
    stepOf('run', { cmd: 'cat $($(WHICH).workspace)/x $(left.workspace) $(right.workspace)' }),
    stepOf('left'),
    stepOf('right'),
  ];
  const parameters = [parameterOf('WHICH', ['left', 'right'])];
  const texts = textsOf(specOf({ steps, parameters }));
  assert.match(texts.get('run_WHICH.right')!.cmd, /^cat \/studies\/test\/right\/x /);
});

/** Texts of pieces that are tokens, parts of tokens, or neither. */
const script = fc
  .array(
    fc.oneof(
      fc.constantFrom('$(A)', '$(B)', '$(B.label)', '$(A.name)', '$(WORKSPACE)', '$(other.workspace)'),
      fc.constantFrom(
        '$',
        '$(',
        '(',
        ')',
        'A',
        'B',
        '.label',
        '.name',
        'WORKSPACE',
        ' ',
        'other.workspace',
        'x',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('replacing piece by piece is replacing one token after the other', () => {
  const value = fc.oneof(fc.constantFrom('1', 'A', '(B', 'other', 'WORKSPACE'), script);
  fc.assert(
    fc.property(script, value, value, value, (cmd, a, b, label) => {
      // All tokens stand in the description, so that the step uses them whatever its command is.
      const steps = [
        stepOf('run', { cmd: `$(other.workspace) ${cmd}`, description: '$(A) $(B)' }),
        stepOf('other'),
      ];
      const parameters = [
        parameterOf('A', [a], { labels: ['a'], name: 'first' }),
        parameterOf('B', [b], { labels: [label] }),
      ];
      const { study, expansion } = expanded(specOf({ steps, parameters }));
      const step = expansion.names.findIndex((name) => name.startsWith('run_'));
      const { cmd: found, workspace } = stepText(study, expansion, step);
      const inOrder: [string, string][] = [
        ['$(A.label)', 'a'],
        ['$(B.label)', label],
        ['$(A)', a],
        ['$(B)', b],
        ['$(A.name)', 'first'],
        ['$(B.name)', 'B'],
        ['$(other.workspace)', '/studies/test/other'],
        ['$(WORKSPACE)', workspace],
      ];
      let expected = `$(other.workspace) ${cmd}`;
      for (const [token, text] of inOrder) expected = expected.split(token).join(text);
      assert.equal(found, expected);
    }),
    { numRuns: 5000 },
  );
});

test('a study read back from its store gives the same texts', () => {
  const steps = [
    stepOf('make', { cmd: '$(SIZE)' }),
    stepOf('use', { cmd: 'ls $(make.workspace)', depends: ['make'] }),
  ];
  const { study, expansion } = expanded(specOf({ steps, parameters: [SIZE] }));
  const again = JSON.parse(JSON.stringify(study));
  for (let step = 0; step < expansion.count; step++) {
    assert.deepEqual(stepText(again, { ...expansion }, step), stepText(study, expansion, step));
  }
});
