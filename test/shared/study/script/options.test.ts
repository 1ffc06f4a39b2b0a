import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BATCH_TYPES,
  type BatchType,
  type SchedulerArgs,
} from '../../../../src/shared/spec/specification.ts';
import { schedulerOptions } from '../../../../src/shared/study/script/options.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import { batchOf, stepOf } from './step-of.ts';

const SCHEDULERS = BATCH_TYPES.filter((type) => type !== 'local');

function rendered(type: BatchType, batch: SchedulerArgs, step: SchedulerArgs, resources = {}) {
  return renderScripts(
    batchOf(type, { args: batch }),
    stepOf('x', { nodes: '1', ...resources }, { args: step }),
  );
}

/** The header lines that the options add to a script. */
function linesOf(type: BatchType, batch: SchedulerArgs, step: SchedulerArgs = {}): string[] {
  const { scripts, problems } = rendered(type, batch, step);
  assert.deepEqual(problems, []);
  const without = rendered(type, {}, {}).scripts.main.text.split('\n');
  return scripts.main.text.split('\n').filter((line) => !without.includes(line));
}

test('each scheduler has its own way of writing an option', () => {
  assert.deepEqual(
    linesOf('slurm', { constraint: 'haswell', '--mail-user': 'a b', C: 'knl', spread: 'True' }),
    ['#SBATCH --constraint=haswell', '#SBATCH --mail-user="a b"', '#SBATCH -C knl', '#SBATCH --spread'],
  );
  assert.deepEqual(linesOf('lsf', { alloc_flags: 'smt4', '-R': 'span[ptile=4]', B: 'True' }), [
    '#BSUB -alloc_flags smt4',
    '#BSUB -R "span[ptile=4]"',
    '#BSUB -B',
  ]);
  assert.deepEqual(linesOf('pbs', { mem: '4gb', W: 'umask=027', V: 'True', fast: 'True' }), [
    '#PBS -l mem=4gb',
    '#PBS -W umask=027',
    '#PBS -V',
    '#PBS -l fast=true',
  ]);
  assert.deepEqual(linesOf('flux', {}, { requires: 'host:a', '--begin-time': '+1h' }), [
    '#INFO (option) --requires=host:a',
    '#INFO (option) --begin-time=+1h',
  ]);
});

test('the options of a step stand beside those of the batch block, and in place of them', () => {
  const batch = { constraint: 'old', '--mem': '1G', hold: 'True' };
  const step = { '--constraint': 'new', mem: '2G', hold: 'False', nice: '5' };
  assert.deepEqual(linesOf('slurm', batch, step), [
    '#SBATCH --constraint=new',
    '#SBATCH --mem=2G',
    '#SBATCH --nice=5',
  ]);
});

test("to Flux an entry of the batch block without dashes is the launcher's", () => {
  const batch = batchOf('flux', { args: { mpi: 'spectrum', '--requires': 'rank:0' } });
  const step = stepOf('$(LAUNCHER) x', { procs: '1' }, { args: { 'env-file': 'e' } });
  const { scripts } = renderScripts(batch, step);
  assert.match(scripts.main.text, /^flux run -n 1 -N 1 -c 1 -o mpi=spectrum x$/m);
  assert.deepEqual(schedulerOptions(batch, step), [
    { name: 'requires', value: 'rank:0' },
    { name: 'env-file', value: 'e' },
  ]);
});

test('a step that runs beside the conductor has no options', () => {
  const { scripts, problems } = renderScripts(
    batchOf('slurm', { args: { constraint: 'x' } }),
    stepOf('x', {}, { args: { time: '5' } }),
  );
  assert.equal(scripts.main.text, '#!/bin/bash\n\nx\n');
  assert.deepEqual(problems, []);
});

describe('what Maestro sets is an error in args, at its own line', () => {
  const clashes: readonly (readonly [BatchType, string, string, RegExp])[] = [
    ['slurm', 'time', '5', /write walltime/],
    ['slurm', '--job-name', 'x', /remove it/],
    ['slurm', 'n', '5', /write procs/],
    ['slurm', 'D', '/tmp', /remove it/],
    ['lsf', 'W', '5', /write walltime/],
    ['lsf', '-K', 'True', /remove it/],
    ['pbs', 'l', 'mem=1gb,walltime=5', /write walltime in place of walltime/],
    ['pbs', 'select', '2', /write nodes/],
    ['pbs', 'v', 'A=1', /set the variable in cmd/],
    ['flux', 'time-limit', '5', /write walltime/],
    ['flux', '--output', 'x', /remove it/],
  ];
  for (const [type, key, value, mend] of clashes) {
    test(`${type}: ${key}`, () => {
      const [problem, ...others] = rendered(type, {}, { [key]: value }).problems;
      assert.deepEqual(others, []);
      assert.equal(problem?.severity, 'error');
      assert.deepEqual([problem?.block, problem?.path], ['step', ['run', 'args', key]]);
      assert.match(problem?.mend ?? '', mend);
    });
  }

  test('in the batch block too', () => {
    const { problems } = rendered('slurm', { qos: 'high' }, {});
    assert.deepEqual(
      problems.map(({ block, path }) => [block, path]),
      [['batch', ['args', 'qos']]],
    );
  });

  test('gpus may be said in one way or the other', () => {
    assert.deepEqual(linesOf('slurm', {}, { gres: 'gpu:a100:2' }), ['#SBATCH --gres=gpu:a100:2']);
    const { problems } = rendered('slurm', {}, { gres: 'gpu:a100:2' }, { gpus: '2' });
    assert.match(problems[0]?.mend ?? '', /not both/);
  });
});

test('a step may have a queue and a bank of its own', () => {
  const own = { nodes: '1', queue: 'debug', bank: 'other' };
  const textOf = (type: BatchType) => renderScripts(batchOf(type), stepOf('x', own)).scripts.main.text;
  assert.match(textOf('slurm'), /--partition=debug\n.*--account=other\n/);
  assert.match(textOf('lsf'), /-q debug\n.*-G other\n/);
  assert.match(textOf('pbs'), /-q debug\n.*-A other\n/);
  assert.match(textOf('flux'), /\(queue\) debug\n/);
});

test('no option can break out of its line', () => {
  const name = fc.oneof(fc.string(), fc.stringMatching(/^-{0,2}[A-Za-z][\w-]{0,8}$/));
  fc.assert(
    fc.property(fc.constantFrom(...SCHEDULERS), name, fc.string({ unit: 'binary' }), (type, key, value) => {
      const without = rendered(type, {}, {}).scripts.main.text.split('\n').length;
      const { scripts } = rendered(type, {}, { [key]: value });
      const lines = scripts.main.text.split('\n');
      assert.ok(lines.length <= without + 1);
      assert.equal(lines.at(-2), 'x');
    }),
  );
});
