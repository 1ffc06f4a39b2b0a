import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, Resources } from '../../../../src/shared/spec/specification.ts';
import { localResources } from '../../../../src/shared/study/script/local-resources.ts';
import { batchOf } from './step-of.ts';

function takes(resources: Resources, batch: Batch = batchOf('local')): (number | undefined)[] {
  const { cores, gpus, walltimeMs, problems } = localResources(batch, { resources });
  assert.deepEqual(problems, []);
  return [cores, gpus, walltimeMs];
}

test('a step takes its processes times its cores per task, at least one core', () => {
  assert.deepEqual(takes({}), [1, 0, undefined]);
  assert.deepEqual(takes({ procs: '4' }), [4, 0, undefined]);
  assert.deepEqual(takes({ 'cores per task': '3' }), [3, 0, undefined]);
  assert.deepEqual(takes({ procs: '4', 'cores per task': '3', gpus: '2' }), [12, 2, undefined]);
  assert.deepEqual(takes({ procs: '0', gpus: 'False' }), [1, 0, undefined]);
  assert.deepEqual(takes({ nodes: '5' }), [1, 0, undefined]);
});

test('where a launcher starts the processes, those count', () => {
  const batch = batchOf('local', { launcher: 'mpiexec -n {procs}', procs: '4' });
  assert.deepEqual(takes({}, batch), [4, 0, undefined]);
  assert.deepEqual(takes({ procs: '2' }, batch), [2, 0, undefined]);
  assert.deepEqual(takes({ nodes: '3' }, batchOf('local', { launcher: 'mpiexec -n {procs}' })), [
    3,
    0,
    undefined,
  ]);
});

test('what a scheduler’s batch block gives is not for the steps beside the conductor', () => {
  assert.deepEqual(takes({}, batchOf('slurm', { procs: '64' })), [1, 0, undefined]);
});

test('a walltime is milliseconds, and 0 and inf are no limit', () => {
  assert.equal(takes({ walltime: '1:30:00' })[2], 5_400_000);
  assert.equal(takes({ walltime: '15' })[2], 900_000);
  assert.equal(takes({ walltime: '0.5s' })[2], 500);
  assert.equal(takes({ walltime: '02:15' })[2], 135_000);
  assert.equal(takes({ walltime: '02:15' }, batchOf('lsf'))[2], 8_100_000);
  for (const walltime of ['0', '00:00', 'inf', '']) assert.equal(takes({ walltime })[2], undefined, walltime);
});

test('what cannot be read is reported, and taken for nothing', () => {
  const { cores, walltimeMs, problems } = localResources(batchOf('local'), {
    resources: { procs: 'many', walltime: 'soon' },
  });
  assert.deepEqual([cores, walltimeMs], [1, undefined]);
  assert.deepEqual(
    problems.map(({ path }) => path),
    [
      ['run', 'procs'],
      ['run', 'walltime'],
    ],
  );
});
