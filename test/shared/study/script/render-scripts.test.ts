import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BATCH_TYPES, type Batch, type Resources } from '../../../../src/shared/spec/specification.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import type { StepText } from '../../../../src/shared/study/script/step-text.ts';
import { batchOf, stepOf } from './step-of.ts';

function textOf(batch: Batch, step: StepText): string {
  const { scripts, problems } = renderScripts(batch, step);
  assert.deepEqual(problems, []);
  return scripts.main.text;
}

function linesOf(type: Batch['type'], resources: Resources, more: Partial<Batch> = {}): string[] {
  return textOf(batchOf(type, more), stepOf('x', resources)).split('\n');
}

/** The one line of a script that starts so. */
function lineOf(type: Batch['type'], start: string, resources: Resources, more: Partial<Batch> = {}): string {
  const lines = linesOf(type, resources, more).filter((line) => line.startsWith(start));
  assert.equal(lines.length, 1, `${start} in ${type}`);
  return lines[0]!;
}

test('each scheduler has its own file names, restart scripts among them', () => {
  const names = BATCH_TYPES.map((type) => {
    const { scripts } = renderScripts(
      batchOf(type),
      stepOf('x', { nodes: '1' }, { restart: 'y', baseName: 'b_1' }),
    );
    return [scripts.main.fileName, scripts.restart?.fileName];
  });
  assert.deepEqual(names, [
    ['b_1.sh', 'b_1.restart.sh'],
    ['b_1.slurm.sh', 'b_1.restart.slurm.sh'],
    ['b_1.lsf.sh', 'b_1.restart.lsf.sh'],
    ['b_1.flux.sh', 'b_1.restart.flux.sh'],
    ['b_1.pbs.sh', 'b_1.restart.pbs.sh'],
  ]);
});

test('main and restart differ in the command alone, and an empty restart is none', () => {
  for (const type of BATCH_TYPES) {
    for (const resources of [{}, { nodes: '1', procs: '2' }]) {
      const { scripts } = renderScripts(batchOf(type), stepOf('one', resources, { restart: 'two' }));
      assert.equal(scripts.restart?.text, scripts.main.text.replace('one', 'two'));
    }
    assert.equal(renderScripts(batchOf(type), stepOf('one', {}, { restart: '' })).scripts.restart, undefined);
  }
});

test('every scheduler starts the script with the shell of the batch block', () => {
  for (const type of BATCH_TYPES) {
    const batch = batchOf(type, { shell: '/bin/tcsh' });
    assert.ok(textOf(batch, stepOf('x', { nodes: '1' })).startsWith('#!/bin/tcsh\n'), type);
    assert.ok(textOf(batch, stepOf('x')).startsWith('#!/bin/tcsh\n'), type);
  }
});

test('slurm takes from the batch block what the step does not say', () => {
  const batch = batchOf('slurm', { nodes: '3', procs: '6', reservation: 'dawn', qos: 'low' });
  const whole = (more: string[]) => [
    '#!/bin/bash',
    ...more.slice(0, 1),
    '#SBATCH --partition=q',
    '#SBATCH --account=b',
    '#SBATCH --job-name="s"',
    '#SBATCH --output="s.out"',
    '#SBATCH --error="s.err"',
    '#SBATCH --comment "d"',
    ...more.slice(1),
    '',
    'x',
    '',
  ];
  assert.deepEqual(
    textOf(batch, stepOf('x', { procs: '2' })).split('\n'),
    whole(['#SBATCH --nodes=3', '#SBATCH --reservation="dawn"', '#SBATCH --ntasks=2', '#SBATCH --qos=low']),
  );
  assert.deepEqual(
    textOf(batch, stepOf('x', { nodes: '1', reservation: 'dusk', qos: 'high' })).split('\n'),
    whole(['#SBATCH --nodes=1', '#SBATCH --reservation="dusk"', '#SBATCH --ntasks=6', '#SBATCH --qos=high']),
  );
});

test('a description is one quoted line, whatever is in it', () => {
  const commentOf = (description: string) =>
    textOf(batchOf('slurm'), stepOf('x', { nodes: '1' }, { description }))
      .split('\n')
      .filter((line) => line.startsWith('#SBATCH --comment'));
  assert.deepEqual(commentOf('two line\ndescription\n'), ['#SBATCH --comment "two line description "']);
  assert.deepEqual(commentOf('say "hi" \\ it\'s\r\n\tπ ≈ 3 # so'), [
    '#SBATCH --comment "say \\"hi\\" \\\\ it\'s   π ≈ 3 # so"',
  ]);
  assert.deepEqual(commentOf(''), []);
  assert.deepEqual(commentOf('x'.repeat(1024)), [`#SBATCH --comment "${'x'.repeat(1024)}"`]);
  assert.deepEqual(commentOf('x'.repeat(1025)), [`#SBATCH --comment "${'x'.repeat(1021)}…"`]);
  assert.deepEqual(commentOf('😀'.repeat(300)), [`#SBATCH --comment "${'😀'.repeat(255)}…"`]);
});

test('no description can break out of its line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (description) => {
      const plain = textOf(batchOf('slurm'), stepOf('x', { nodes: '1' }, { description: 'd' }));
      const other = textOf(batchOf('slurm'), stepOf('x', { nodes: '1' }, { description }));
      const comments = other.split('\n').filter((line) => line.startsWith('#SBATCH --comment '));
      assert.equal(other.split('\n').length, plain.split('\n').length - (description === '' ? 1 : 0));
      for (const line of comments) assert.match(line, /^#SBATCH --comment "(?:[^"\\]|\\["\\])*"$/u);
    }),
  );
});

test('a job keeps its name, and its outputs the sanitised one', () => {
  const step = stepOf('x', { nodes: '1' }, { jobName: 'run_T.1:30"', baseName: 'run_T.130' });
  const slurm = textOf(batchOf('slurm'), step);
  assert.match(slurm, /^#SBATCH --job-name="run_T\.1:30\\""$/m);
  assert.match(slurm, /^#SBATCH --output="run_T\.130\.out"$/m);
  const lsf = textOf(batchOf('lsf'), step);
  assert.match(lsf, /^#BSUB -J run_T\.130$/m);
});

test('False, None and 0 ask for nothing', () => {
  for (const nothing of ['0', 'False', 'None', '']) {
    const resources = { nodes: nothing, procs: '2', gpus: nothing, exclusive: nothing };
    const lines = linesOf('slurm', resources);
    assert.ok(!lines.some((line) => /nodes|gres|exclusive/.test(line)), nothing);
    assert.ok(lines.includes('#SBATCH --ntasks=2'));
  }
  assert.ok(linesOf('slurm', { nodes: '1', exclusive: 'True' }).includes('#SBATCH --exclusive'));
});

test('what should be a number and is none is an error at its key', () => {
  const resources = { nodes: '1.5', procs: 'True', gpus: '$(G)', exclusive: 'perhaps', walltime: 'soon' };
  const { problems } = renderScripts(batchOf('slurm', { procs: '-2' }), stepOf('x', resources));
  assert.deepEqual(
    problems.map(({ block, path, severity }) => [severity, block, path]),
    [
      ['error', 'step', ['run', 'nodes']],
      ['error', 'step', ['run', 'procs']],
      ['error', 'step', ['run', 'gpus']],
      ['error', 'step', ['run', 'exclusive']],
      ['error', 'step', ['run', 'walltime']],
      ['error', 'batch', ['procs']],
    ],
  );
  assert.match(problems[0]!.message, /^nodes is "1\.5", which is no whole number/);
});

test('slurm reads most walltimes itself; the others are told in its own form', () => {
  const of = (walltime: string) => lineOf('slurm', '#SBATCH --time', { nodes: '1', walltime });
  for (const text of ['15', '30:00', '1:30:00', '01:30:00', '2-0', '2-12:30', '1-00:00:00', '0']) {
    assert.equal(of(text), `#SBATCH --time=${text}`);
  }
  assert.equal(of('90s'), '#SBATCH --time=0:01:30');
  assert.equal(of('2d'), '#SBATCH --time=48:00:00');
  assert.equal(of('1:00:00.2'), '#SBATCH --time=1:00:01');
  assert.equal(of('inf'), '#SBATCH --time=UNLIMITED');
});

test('lsf has minutes and hours only: seconds are rounded up', () => {
  const of = (walltime: string) => lineOf('lsf', '#BSUB -W', { nodes: '1', walltime });
  const forms: [string, string][] = [
    ['90', '90'],
    ['02:15', '02:15'],
    ['00:59:01', '01:00'],
    ['00:59:00', '00:59'],
    ['0:00:00', '00:00'],
    ['0:00:00.5', '00:01'],
    ['1-00:00:00', '24:00'],
    ['100:00:01', '100:01'],
    ['90s', '00:02'],
    ['inf', ''],
  ];
  for (const [walltime, written] of forms) assert.equal(of(walltime), `#BSUB -W ${written}`, walltime);
  assert.equal(lineOf('lsf', '#BSUB -W', { nodes: '1' }), '#BSUB -W ');
});

test('lsf asks for one node where nobody says how many', () => {
  assert.equal(lineOf('lsf', '#BSUB -nnodes', { procs: '4' }), '#BSUB -nnodes 1');
  assert.equal(lineOf('lsf', '#BSUB -nnodes', { procs: '4' }, { nodes: '2' }), '#BSUB -nnodes 2');
});

test('flux tells its walltime in seconds, as Python would print them', () => {
  const of = (walltime: string) => lineOf('flux', '#INFO (walltime)', { nodes: '1', walltime });
  const forms: [string, string][] = [
    ['5', '300'],
    ['10:30', '630.0'],
    ['00:10:30', '630.0'],
    ['300s', '300'],
    ['inf', '0'],
    ['0', '0'],
  ];
  for (const [walltime, written] of forms)
    assert.equal(of(walltime), `#INFO (walltime) ${written}`, walltime);
});

test('flux tells what the batch block says, and keeps the queue line when it says none', () => {
  const { queue: _, ...batch } = batchOf('flux', { uri: 'local:///run/flux', version: '0.49.0' });
  assert.equal(
    textOf(batch, stepOf('x')),
    '#!/bin/bash\n#INFO (nodes) 1\n#INFO (walltime) 0\n#INFO (flux adapter version) 0.49.0\n#INFO (queue) \n' +
      '#INFO (flux_uri) local:///run/flux\n\nx\n',
  );
});

test('options of launchers are single words to the shell', () => {
  const args = { mpi: 'spectrum x', 'cpu-affinity': 'per-task', a: "it's" };
  const flux = textOf(batchOf('flux', { args }), stepOf('$(LAUNCHER) x', { procs: '1' }));
  assert.match(flux, /^flux run -n 1 -N 1 -c 1 -o 'a=it'\\''s',cpu-affinity=per-task,'mpi=spectrum x' x$/m);
  const lsf = textOf(
    batchOf('lsf'),
    stepOf('$(LAUNCHER) x', { procs: '1', bind: 'packed:2', 'bind gpus': 'a b' }),
  );
  assert.match(lsf, /^jsrun --nrs 1 -b packed:2 -B 'a b' -a 1 -r 1 -c 1 x$/m);
});

test('values of the batch block that a directive would split are quoted', () => {
  const lines = linesOf('slurm', { nodes: '1' }, { queue: 'a b', bank: 'x"y', qos: 'n\nm' });
  assert.deepEqual(
    lines.filter((line) => /partition|account|qos/.test(line)),
    ['#SBATCH --partition="a b"', '#SBATCH --account="x\\"y"', '#SBATCH --qos="n m"'],
  );
});
