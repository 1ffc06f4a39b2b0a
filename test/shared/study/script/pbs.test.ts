import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch, Resources } from '../../../../src/shared/spec/specification.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import type { StepText } from '../../../../src/shared/study/script/step-text.ts';
import { batchOf, stepOf } from './step-of.ts';

function scriptOf(resources: Resources, batch: Partial<Batch> = {}, step: Partial<StepText> = {}): string {
  const { scripts, problems } = renderScripts(
    batchOf('pbs', batch),
    stepOf('$(LAUNCHER) x', resources, step),
  );
  assert.deepEqual(problems, []);
  return scripts.main.text;
}

/** What the `-l` lines of a step ask for. */
function requestsOf(resources: Resources, batch: Partial<Batch> = {}): string[] {
  const lines = scriptOf(resources, batch).split('\n');
  return lines.filter((line) => line.startsWith('#PBS -l ')).map((line) => line.slice('#PBS -l '.length));
}

test('a step with everything', () => {
  const resources = {
    nodes: '2',
    procs: '8',
    'cores per task': '3',
    gpus: '1',
    walltime: '1:30:00',
    exclusive: 'True',
    qos: 'high',
  };
  assert.equal(
    scriptOf(resources),
    [
      '#!/bin/bash',
      '#PBS -N s',
      '#PBS -q q',
      '#PBS -A b',
      '#PBS -l select=2:ncpus=12:mpiprocs=4:ompthreads=3:ngpus=1',
      '#PBS -l place=scatter:excl',
      '#PBS -l walltime=01:30:00',
      '#PBS -l qos=high',
      '#PBS -o s.out',
      '#PBS -e s.err',
      '#PBS -r n',
      '',
      'mpiexec -n 8 x',
      '',
    ].join('\n'),
  );
});

test('processes are spread as evenly as they go', () => {
  const select = (resources: Resources) => requestsOf(resources)[0];
  assert.equal(select({ nodes: '2', procs: '5' }), 'select=1:ncpus=3:mpiprocs=3+1:ncpus=2:mpiprocs=2');
  assert.equal(select({ nodes: '3' }), 'select=3:ncpus=1:mpiprocs=1');
  assert.equal(select({ nodes: '3', procs: '2' }), 'select=2:ncpus=1:mpiprocs=1+1:ncpus=1:mpiprocs=0');
});

test('without nodes PBS chooses the places, but gpus are counted by node', () => {
  assert.deepEqual(requestsOf({ procs: '6', 'cores per task': '2' }), [
    'select=6:ncpus=2:mpiprocs=1:ompthreads=2',
    'place=free',
  ]);
  assert.deepEqual(requestsOf({ procs: '4', gpus: '2' }), [
    'select=1:ncpus=4:mpiprocs=4:ngpus=2',
    'place=free',
  ]);
});

test('chunks hold exactly the nodes and processes that were asked for', () => {
  const count = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(count, count, (nodes, procs) => {
      const [select] = requestsOf({ nodes: String(nodes), procs: String(procs) });
      const chunks = [...select!.matchAll(/(\d+):ncpus=(\d+):mpiprocs=(\d+)/g)].map((match) =>
        match.map(Number),
      );
      assert.equal(
        chunks.reduce((sum, [, n]) => sum + n!, 0),
        nodes,
      );
      assert.equal(
        chunks.reduce((sum, [, n, , p]) => sum + n! * p!, 0),
        procs,
      );
    }),
  );
});

test('Torque has its own way of asking', () => {
  const torque = { version: 'torque 6.1' };
  assert.deepEqual(requestsOf({ nodes: '2', procs: '5', gpus: '1', exclusive: 'True' }, torque), [
    'nodes=1:ppn=3:gpus=1+1:ppn=2:gpus=1',
    'naccesspolicy=singlejob',
  ]);
  const script = scriptOf({ procs: '4', reservation: 'dawn' }, torque, {
    baseName: 'a_very_long_name_of_a_step',
  });
  assert.match(script, /^#PBS -N a_very_long_nam$/m);
  assert.match(script, /^#PBS -q q$/m);
  assert.match(script, /^#PBS -W x=FLAGS:ADVRES:dawn$/m);
  assert.match(script, /^#PBS -l nodes=4:ppn=1$/m);
});

test('a reservation of OpenPBS is a queue', () => {
  const script = scriptOf({ procs: '1', reservation: 'R42' });
  assert.match(script, /^#PBS -q R42$/m);
  assert.doesNotMatch(script, /-q q$/m);
});

test('no walltime is asked for where there is no limit', () => {
  const walltimeOf = (walltime: string) => requestsOf({ procs: '1', walltime }).slice(2);
  for (const none of ['', '0', 'inf', 'None']) assert.deepEqual(walltimeOf(none), [], none);
  assert.deepEqual(walltimeOf('90'), ['walltime=01:30:00']);
  assert.deepEqual(walltimeOf('5:30'), ['walltime=00:05:30']);
  assert.deepEqual(walltimeOf('2-00:00:00.5'), ['walltime=48:00:01']);
});

test('whatever the name of a step, its job has one that PBS takes', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300 }), fc.boolean(), (baseName, torque) => {
      const script = scriptOf({ procs: '1' }, torque ? { version: 'Torque' } : {}, { baseName });
      assert.match(
        script.split('\n')[1]!,
        torque ? /^#PBS -N [A-Za-z][\w.+-]{0,14}$/ : /^#PBS -N [A-Za-z][\w.+-]{0,229}$/,
      );
    }),
  );
});
